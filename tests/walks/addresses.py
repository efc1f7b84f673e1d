"""Where each page of the site is found, and who looks: what the walk of all pages goes by."""

import re

from tests.walks.lookers import ADMIN, CASE, CITIZEN, HALF, HERE, KEPT, KEYED, PLAIN, Found

# --- how each is reached ----------------------------------------------------------------------------------------------
KEY = '[^/"?]+'
OFFICIALS = ("clerk", "examiner", "head", "supervisor")
#: posts of the grid, and a cell whose worker is gridworker2
GRID, CELL = ("gridcentre", "gridhead", "water"), "62098110620301"
COPIED = Found("/my/documents/", "/my/documents/[0-9]+/", then="copy/")
CERTIFICATE = Found("/my/certificates/", f"/my/certificates/{KEY}/")
NOTICE = Found("/my/notices/", "/my/notices/[0-9]+/")
DRAFT = Found("/my/drafts/", f"/drafts/{KEY}/form/{KEY}/")
YEAR = "/work/calendars/000000000000/2026/"
TOWN = "/work/divisions/620981106000/"
WARNER, ALERT = "warner", "/work/alerts/[0-9]+-[0-9]+-[0-9]+/"
SOURCE = Found("/work/alerts/sources/", "/work/alerts/sources/[0-9]+/")


def confirming(page):
    """The page on which an official confirms an alert, whatever else he has been told since."""
    for link in re.findall('"(/work/notices/[0-9]+/)"', page.request.get("/work/notices/").text()):
        if found := re.search('"(/alerts/confirm/[^"]+)"', page.request.get(link).text()):
            return found[1]
    raise AssertionError("nobody asked to confirm an alert")


def materials(page, then=""):
    """The materials of a draft."""
    return DRAFT(page).partition("form/")[0] + "materials/" + then


def handed(page):
    """The page on which the computer shows what the phone has sent."""
    return Found(materials(page, "?phone=photos"), f"/documents/handed/{KEY}/")(page)


def copied(page):
    """The page of an annotated copy, made of the first document one has."""
    page.goto(COPIED(page))
    page.fill("[name=purpose]", "申请助学贷款")
    page.fill("[name=recipient]", "玉门市第一中学")
    page.click("main form[method=post] button")
    page.wait_for_url("**/my/copies/**")
    return page.url


def rated(page):
    """What the citizen says of a case that is over, as the office reads it."""
    citizen = page.people(CITIZEN)
    for number in re.findall(f"/my/cases/({CASE})/", citizen.request.get("/my/cases/?view=all").text()):
        citizen.goto(f"/my/cases/{number}/")
        if citizen.locator("main form[action$='/rate/']").count():
            citizen.check("main form[action$='/rate/'] [name=level][value='5']", force=True)
            citizen.click("main form[action$='/rate/'] [type=submit]")
            break
    return Found("/work/ratings/", "/work/ratings/[0-9]+/")(page)


def booked(page):
    """The appointment one has just made."""
    page.goto(Found("/appointments/?for=item:tree-felling", f'/appointments/{KEY}/{KEY}/[^"]*')(page))
    page.locator("main [type=radio]").last.check(force=True)
    page.click("main button:has-text('约这个时间')")
    page.wait_for_url("**/my/appointments/*/")
    return page.url


def edited(page):
    """The draft of an item, begun by its button."""
    page.goto(Found("/work/items/", "/work/items/[0-9]+/")(page))
    page.click("main form[action$='/edit/'] button")
    page.wait_for_url("**/work/items/drafts/**")
    return page.url


def compared(page):
    """A version of an item beside itself: the demo has one of each."""
    found = Found("/work/items/", "/work/items/[0-9]+/", "/work/items/[0-9]+/[0-9a-f]{64}/national.yaml")(page)
    item, digest = found.removesuffix("/national.yaml").rsplit("/", 1)
    return f"{item}/compare/?old={digest}&new={digest}"


def brought(page):
    """What came of a sheet of items: the one that was just handed out."""
    sheet = page.request.get("/work/items/sheet.csv").body()
    page.goto("/work/items/sheet/")
    page.set_input_files("main [type=file]", {"name": "items.csv", "mimeType": "text/csv", "buffer": sheet})
    page.click("main form [type=submit]")
    page.wait_for_url(re.compile("/work/items/sheet/[^/]+/"))
    return page.url


def filled(start, answers, then=""):
    """The page that a form leads to once it is filled in; a choice is the first there is."""

    def found(page):
        page.goto(start(page) if callable(start) else start)
        for name, value in answers.items():
            control = page.locator(f"main [name={name}]").first
            match control.evaluate("one => one.type"):
                case "checkbox" | "radio":
                    control.check()
                case "select-one":
                    control.select_option(index=1)
                case _:
                    control.fill(value)
        with page.expect_navigation():
            page.locator("main form[method=post] [type=submit]").last.click()
        return then(page) if then else page.url

    return found


def of(who, where):
    """The address that somebody else's page finds."""
    return lambda page: where(page.people(who))


#: the number of an order, and who works at the hotline
ORDER, DISPATCHER, CHIEF = "H[0-9]{18,}", "dispatcher", "hotline-head"


ARTICLE = Found("/articles/", "/articles/[0-9]+/")
#: the number of an application for data
SHARE = "D[0-9]{18,}"
SHARED = Found("/work/sharing/", f"/work/sharing/{SHARE}/")


def sharing_step(step):
    """A screen of an application just begun."""

    def find(page):
        link = Found("/work/catalog/?q=排污许可", "/work/catalog/[0-9]+/")(page)
        page.goto(link)
        page.click("main button:has-text('申请共享')")
        page.wait_for_url("**/why/")
        return page.url.replace("/why/", f"/{step}/")

    return find


#: the petition office, the number of a petition, somebody on emergency duty, the number of an event
#: of the member of the demo's exchange that offers services
SERVICE = "/work/exchange/services/[0-9]+/"
PETITIONER, PETITION, DUTY, EVENT = "petition", "X[0-9]{18,}", "duty", "E[0-9]{18,}"


def writing(step):
    """A screen of a petition just begun."""

    def found(page):
        token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page.request.get("/petitions/").text())[1]
        begun = page.request.post("/petitions/new/", form={"csrfmiddlewaretoken": token}, headers={"Referer": page.url})
        return re.sub("^https?://[^/]+", "", begun.url).removesuffix("what/") + f"{step}/"

    return found


def report(step):
    """A screen of a report just begun."""

    def found(page):
        page.goto("/requests/new/")
        page.click("main form[method=post] button")
        page.wait_for_url("**/photo/")
        return page.url.replace("/photo/", f"/{step}/")

    return found


API_KEY = filled(
    "/work/systems/new/",
    {"name": "走查系统", "department": "", "verbs": ""},
    then=Found("/work/systems/", "/work/systems/[0-9]+/"),
)

#: route → who looks, and at which address (None: that of the route); several where it differs by person
EXAMPLES = {
    "ui.gallery_row": [("", "/ui/list/1/")],
    "ui.gallery_steps": [("", "/ui/steps/2/")],
    "ui.gallery_error": [("", "/ui/error/404/"), ("", "/ui/error/500/")],
    "ui.kept": [(KEPT, HERE)],
    "regions.department": [(ADMIN, Found("/work/departments/", f"/work/departments/{KEY}/"))],
    "regions.edit_department": [(ADMIN, Found("/work/departments/", f"/work/departments/{KEY}/", then="edit/"))],
    "regions.edit_site": [(ADMIN, "/work/sites/yumen-forestry/")],
    "regions.division": [(ADMIN, TOWN)],
    "regions.rename": [(ADMIN, TOWN + "rename/")],
    "regions.merge": [(ADMIN, TOWN + "merge/")],
    "regions.base_map_page": [(ADMIN, Found("/work/maps/", "/work/maps/[0-9]+/"))],
    "command.wall": [("commander", "/command/?as=list")],
    "calendars.year": [(ADMIN, YEAR), (ADMIN, f"{YEAR}?with=2025")],
    "calendars.announce_year": [(ADMIN, "/work/calendars/000000000000/2027/announced/")],
    "calendars.change_day": [(ADMIN, "/work/calendars/000000000000/day/")],
    "calendars.import_days": [(ADMIN, "/work/calendars/000000000000/import/")],
    "calendars.office_hours": [(ADMIN, "/work/calendars/000000000000/hours/")],
    "calendars.public_year": [("", "/calendar/2026/")],
    "people.bind": [("supervisor", None)],
    "people.person": [(ADMIN, lambda page: page.seen["man"]), (ADMIN, lambda page: page.seen["body"])],
    "people.release": [(ADMIN, lambda page: page.seen["man"] + "release/")],
    "people.tie": [(ADMIN, lambda page: page.seen["body"] + "bind/")],
    "people.representative": [(ADMIN, lambda page: page.seen["body"] + "representative/")],
    "people.unmask": [(ADMIN, lambda page: Found(page.seen["man"], "/work/people/find/numbers/[0-9]+/")(page))],
    "people.dismiss": [(ADMIN, Found("/work/people/posts/", "/work/people/posts/[0-9]+/dismiss/"))],
    "notices.notice": [(CITIZEN, NOTICE)],
    "notices.bell": [("clerk", None)],
    "notices.rung": [(CITIZEN, lambda page: NOTICE(page).replace("/my/", "/work/"))],
    "search.search": [("", None), ("", "/search/?q=采伐"), (CITIZEN, "/search/?q=caifa")],
    "documents.document": [(CITIZEN, Found("/my/documents/", "/my/documents/[0-9]+/"))],
    "documents.handoff": [("", of(CITIZEN, lambda page: handed(page).replace("handed", "handoff")))],
    "documents.handed": [(CITIZEN, handed)],
    "documents.make_copy": [(CITIZEN, COPIED)],
    "documents.copy": [(CITIZEN, copied)],
    "documents.copy_check": [("", of(CITIZEN, lambda page: copied(page).replace("/my/", "/")))],
    "certificates.own": [(CITIZEN, CERTIFICATE)],
    "certificates.verified": [("", of(CITIZEN, lambda page: CERTIFICATE(page).replace("/my/certificates/", "/verify/")))],
    "certificates.certificates": [("head", None)],
    "certificates.certificate": [("head", Found("/work/certificates/", "/work/certificates/[0-9]+/"))],
    "certificates.change": [("head", Found("/work/certificates/", "/work/certificates/[0-9]+/", then="change/"))],
    "cases.begin": [(CITIZEN, Found("/items/tree-felling/", "/apply/[0-9]+/"))],
    "cases.section": [(CITIZEN, DRAFT)],
    "cases.materials": [(CITIZEN, materials), (CITIZEN, lambda page: materials(page, "?phone=photos"))],
    "cases.check": [(CITIZEN, lambda page: DRAFT(page).partition("form/")[0] + "check/")],
    "cases.mine": [(CITIZEN, Found("/my/cases/", f"/my/cases/{CASE}/"))],
    "cases.sent": [(CITIZEN, Found("/my/cases/", f"/my/cases/{CASE}/", then="sent/"))],
    "cases.inbox": [(who, None) for who in OFFICIALS],
    "cases.cases": [(who, None) for who in OFFICIALS],
    "cases.case": [(who, Found("/work/cases/", f"/work/cases/{CASE}/")) for who in OFFICIALS],
    "cases.waive_fee": [("head", Found("/work/cases/", f"/work/cases/{CASE}/", then="waive-fee/"))],
    "cases.items": [("editor", None)],
    "cases.item": [("editor", Found("/work/items/", "/work/items/[0-9]+/"))],
    **{name: [("clerk", None)] for name in (
        "money.cashier", "money.receipts", "parcels.parcels", "parcels.hand", "market.window", "market.bookings", "cases.enter",
        "cases.enter_again", "cases.enter_bundle",
    )},
    **{name: [("head", None)] for name in ("money.reconciliation", "money.hand_in", "market.days", "cases.rating_list")},
    **{name: [("supervisor", None)] for name in (
        "cases.watch", "cases.lit", "cases.orders", "cases.spent", "cases.reasons", "indicators.work_indicators",
    )},
    **{name: [("editor", None)] for name in ("cases.self_check", "cases.take_items", "cases.bring")},
    "cases.verifications": [("market", None)],
    "cases.issue": [("supervisor", lambda page: Found("/work/cases/", f"/work/cases/{CASE}/")(page).replace("cases", "supervision/issue"))],
    "cases.decision": [("", Found("/decisions/", "/decisions/[0-9]+/"))],
    "cases.power_list": [("", Found("/powers/", f"/powers/{KEY}/"))],
    "cases.bundle_guide": [("", "/bundles/starting-a-company/")],
    "cases.begin_bundle": [("li", "/bundles/starting-a-company/apply/")],
    "indicators.figure": [("", Found("/indicators/", "/indicators/[a-z_.]+/"))],
    "indicators.work_figure": [("supervisor", Found("/work/indicators/", "/work/indicators/[a-z_.]+/"))],
    "parcels.mine_one": [(CITIZEN, Found("/my/parcels/", f"/my/parcels/{KEY}/"))],
    "parcels.parcel": [("clerk", Found("/work/parcels/", "/work/parcels/P[0-9]+/"))],
    "market.book": [(CITIZEN, "/appointments/?for=item:tree-felling")],
    "market.book_time": [(CITIZEN, Found("/appointments/?for=item:tree-felling", f"/appointments/{KEY}/{KEY}/[^\"]*"))],
    "market.screen": [("", "/screen/yumen/")],
    **{name: [(WARNER, None)] for name in (
        "alerts.work_alerts", "alerts.compose", "alerts.contacts", "alerts.add_contact", "alerts.sources", "alerts.add_source",
    )},
    **{f"alerts.{name}": [(WARNER, Found("/work/alerts/?view=now", ALERT, then=then))] for name, then in (
        ("work_alert", ""), ("update", "update/"), ("cancel", "cancel/"), ("calls", "calls/"),
    )},
    "alerts.change": [(WARNER, Found("/work/alerts/?view=drafts", ALERT, then="change/"))],
    "alerts.area": [(WARNER, Found("/work/alerts/?view=drafts", ALERT, then="area/"))],
    "alerts.give_back": [("warn-head", Found("/work/alerts/?view=waiting", ALERT, then="back/"))],
    "alerts.end_contact": [(WARNER, Found("/work/alerts/contacts/", "/work/alerts/contacts/[0-9]+/end/"))],
    "alerts.source": [(WARNER, SOURCE)],
    "alerts.upload": [(WARNER, lambda page: SOURCE(page) + "upload/")],
    "alerts.received": [(WARNER, lambda page: Found(SOURCE(page), "/work/alerts/sources/received/[0-9]+/")(page))],
    "alerts.alert": [("", Found("/alerts/", "/alerts/[0-9]+-[0-9]+-[0-9]+/"))],
    "alerts.other": [("", Found("/alerts/", "/alerts/others/[0-9]+/"))],
    "alerts.confirm": [(WARNER, confirming)],
    "citizen.home": [("", None), (CITIZEN, None)],
    "workbench.home": [(who, None) for who in (*OFFICIALS, ADMIN)],
    "hall.guide": [("", "/items/tree-felling/")],
    "hall.blank": [("", "/items/tree-felling/papers/application/"), ("", "/items/tree-felling/papers/photos/?kind=sample")],
    "grid.phone": [("gridworker", None)],
    "grid.incidents": [(who, None) for who in GRID],
    "grid.incident": [(who, Found("/work/grid/incidents/?view=all", "/work/grid/incidents/W[0-9]+/")) for who in GRID],
    "grid.cells": [("gridcentre", None)],
    "grid.cell": [(who, f"/work/grid/cells/{CELL}/") for who in ("gridworker2", "gridhead")],
    "grid.draw": [("gridhead", None)], "grid.redraw": [("gridhead", f"/work/grid/cells/{CELL}/draw/")],
    "grid.homes": [("gridworker2", f"/work/grid/cells/{CELL}/homes/")],
    "grid.home": [("gridworker2", Found(f"/work/grid/cells/{CELL}/homes/", "/work/grid/homes/[0-9]+/"))],
    **{name: [("gridhead", None)] for name in (
        "grid.take_cells", "grid.take_components", "grid.components", "grid.grid_classes", "grid.strays", "grid.put_video", "grid.scores", "grid.cell_scores",
    )},
    "grid.behind": [("gridhead", Found("/work/grid/scores/", r"/work/grid/scores/[a-z_]+/\?unit=[0-9]+"))],
    "grid.videos": [("gridcentre", None)],
    "grid.video": [("gridcentre", Found("/work/grid/videos/", "/work/grid/videos/[0-9]+/"))],
    "account_confirm_email": [("", lambda page: f"/accounts/confirm-email/{page.people.mailed[0]}/")],
    "account_reset_password_from_key": [("", lambda page: f"/accounts/password/reset/key/{page.people.mailed[1]}/"), ("", "/accounts/password/reset/key/1-none/")],
    **{name: [(PLAIN, None)] for name in (
        "account_logout", "account_email", "account_change_password", "account_reauthenticate", "mfa_index",
        "mfa_activate_totp", "mfa_list_webauthn", "mfa_add_webauthn", "socialaccount_connections",
    )},
    **{name: [(KEYED, None)] for name in (
        "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
    )},
    "mfa_edit_webauthn": [(KEYED, Found("/accounts/2fa/webauthn/", "/accounts/2fa/webauthn/keys/[0-9]+/edit/"))],
    "mfa_remove_webauthn": [(KEYED, Found("/accounts/2fa/webauthn/", "/accounts/2fa/webauthn/keys/[0-9]+/remove/"))],
    "mfa_authenticate": [(HALF, None)],
    "account_confirm_login_code": [],
    "requests.step": [("", report(one)) for one in ("photo", "what", "where", "send")],
    "requests.public": [("", Found("/requests/open/?view=closed", f"/requests/{ORDER}/"))],
    "requests.mine": [(CITIZEN, Found("/my/cases/?view=all", f"/my/requests/{ORDER}/"))],
    "requests.photo_list": [(DISPATCHER, None)],
    "requests.week": [("", "/requests/week/620981000000/2026-11-23/")],
    **{f"requests.{name}": [("operator", None)] for name in ("intake", "calls", "seat", "callbacks")},
    "requests.call": [("operator", Found("/work/requests/calls/?view=lost", "/work/requests/calls/[0-9]+/"))],
    **{f"requests.{name}": [(DISPATCHER, None)] for name in ("desk", "orders", "request_figures", "limits")},
    **{f"requests.{name}": [(CHIEF, None)] for name in (
        "new_limit", "classes", "rules", "new_rule", "try_rules", "classifiers", "accounts", "new_account", "publish_text",
        "outgoing",
    )},
    "requests.describe_class": [(CHIEF, Found("/work/requests/classes/", "/work/requests/classes/[0-9]+/"))],
    "requests.behind": [(DISPATCHER, Found("/work/requests/figures/", "/work/requests/figures/[a-z_+]+/"))],
    **{f"requests.{name}": [(CHIEF, Found("/work/requests/limits/", f"/work/requests/limits/[0-9]+/{name[:-6]}/"))]
       for name in ("change_limit", "end_limit")},
    "requests.end_rule": [(CHIEF, Found("/work/requests/rules/", "/work/requests/rules/[0-9]+/end/"))],
    "articles.article": [("", ARTICLE)],
    "articles.version": [("", lambda page: ARTICLE(page) + "versions/1/")],
    **{f"articles.{name}": [(CHIEF, None)] for name in ("work_articles", "new", "feedback_list", "league")},
    **{f"articles.{name}": [(CHIEF, Found("/work/articles/?view=overdue", "/work/articles/[0-9]+/", then=then))] for name, then in (
        ("work_article", ""), ("edit", "edit/"), ("withdraw", "withdraw/"), ("review", "review/"),
        ("work_version", "versions/1/"),
    )},
    "articles.give_back": [(CHIEF, Found("/work/articles/?view=waiting", "/work/articles/[0-9]+/", then="back/"))],
    "catalog.catalogue": [("steward", None), ("hrss", None)],
    **{f"catalog.{name}": [("", None)] for name in ("datasets", "interface", "wishes", "products")},
    **{f"catalog.{name}": [("", f"/data/regions-divisions/{then}")] for name, then in (
        ("dataset", ""), ("chart", "chart/?by=level&kind=bars"), ("dataset_map", "map/"),
    )},
    "catalog.dataset_version": [("", Found("/data/?q=AQI", "/data/air-quality[a-z0-9-]*/", then="versions/1/"))],
    "catalog.answer_wish": [("bureau", Found("/work/data/wishes/", "/work/data/wishes/[0-9]+/"))],
    "catalog.review_product": [("bureau", Found("/work/data/products/", "/work/data/products/[0-9]+/"))],
    "catalog.wish": [(CITIZEN, None)], "catalog.product": [(CITIZEN, None)],
    **{f"catalog.{name}": [("bureau", None)] for name in ("work_wishes", "work_products", "harvest_sources", "add_harvest")},
    **{f"catalog.{name}": [("bureau", None)] for name in ("new_entry", "import_entries", "extra_fields")},
    "catalog.write_entry": [("steward", "/work/catalog/new/")],
    **{f"catalog.{name}": [("data-head", Found("/work/catalog/?view=overdue", "/work/catalog/[0-9]+/", then=then))] for name, then in (
        ("entry", ""), ("withdraw_entry", "withdraw/"), ("entry_version", "versions/1/"), ("give_back_entry", "back/"),
    )},
    "catalog.edit_entry": [("data-head", Found("/work/catalog/?view=mine&grading=internal", "/work/catalog/[0-9]+/", then="edit/"))],
    **{f"catalog.{name}": [("exchange", None)] for name in (
        "members", "add_member", "grant_list", "give_to", "message_list", "groups", "add_group", "feeds", "received",
    )},
    **{f"catalog.{name}": [("exchange", Found("/work/exchange/?q=生态", "/work/exchange/[0-9]+/", *links, then=then))] for name, links, then in (
        ("member", (), ""), ("add_subsystem", (), "subsystem/"), ("add_service", (), "service/"),
        ("change_subsystem", ("/work/exchange/systems/[0-9]+/",), ""), ("service", (SERVICE,), ""), ("allow", (SERVICE,), "allow/"),
        ("switch", (SERVICE,), "switch/"), ("forbid", (SERVICE, "/work/exchange/services/[0-9]+/rights/[0-9]+/"), ""),
    )},
    **{f"catalog.{name}": [("exchange", Found("/work/exchange/groups/", "/work/exchange/groups/[0-9]+/", *links, then=then))] for name, links, then in (
        ("group", (), ""), ("put_in", (), "add/"), ("take_out", ("/work/exchange/groups/[0-9]+/systems/[0-9]+/",), ""),
    )},
    **{f"catalog.{name}": [("exchange", Found("/work/grants/", "/work/grants/[0-9]+/", then=then))] for name, then in (
        ("grant", ""), ("change_grant", "change/"),
    )},
    "catalog.message": [("exchange", Found("/work/exchange/log/", "/work/exchange/log/[0-9]+/"))],
    "catalog.row_sources": [("steward", None)],
    **{f"catalog.{name}": [("steward", Found("/work/catalog/rows/", "/work/catalog/[0-9]+/rows/", *links, then=then))] for name, links, then in (
        ("rows", (), ""), ("row_source", ("/work/catalog/[0-9]+/source/",), ""), ("upload_rows", ("/work/catalog/[0-9]+/upload/",), ""),
        ("row_versions", ("/work/catalog/[0-9]+/versions/",), ""),
        ("rows_version", ("/work/catalog/[0-9]+/versions/", "/work/catalog/versions/[0-9]+/"), ""),
        ("ask_to_open_version", ("/work/catalog/[0-9]+/versions/", "/work/catalog/versions/[0-9]+/"), "reopen/"),
        ("load", ("/work/catalog/loads/[0-9]+/",), ""), ("confirm_load", ("/work/catalog/loads/[0-9]+/confirm/",), ""),
    )},
    "articles.answer_feedback": [(CHIEF, Found("/work/articles/feedback/", "/work/articles/feedback/[0-9]+/"))],
    "requests.topics": [(DISPATCHER, None)],
    "requests.topic": [(DISPATCHER, Found("/work/requests/topics/?view=all", f"/work/requests/topics/{ORDER}/"))],
    "requests.order": [
        (DISPATCHER, Found("/work/requests/desk/", f"/work/requests/{ORDER}/")),
        ("housing", Found("/work/requests/?view=all", f"/work/requests/{ORDER}/")),
    ],
    "cases.item_draft": [("editor", edited)],
    **{f"cases.{name}": [("editor", lambda page, then=then: edited(page) + then)] for name, then in (
        ("draft_questions", "questions/"), ("preview_draft", "preview/"),
    )},
    "cases.compare": [("editor", compared)], "cases.item_import": [("editor", brought)],
    "cases.behind": [("supervisor", Found("/work/indicators/cases.received/", '/work/figures/[^"]+'))],
    "cases.done_steps": [("supervisor", Found("/work/supervision/time/", '/work/supervision/time/cases/[^"]*'))],
    "cases.because": [("supervisor", Found("/work/supervision/reasons/", '/work/supervision/reasons/cases/[^"]*'))],
    "cases.rating": [("head", rated)], "market.mine_one": [(CITIZEN, booked)],
    "cases.ask": [(CITIZEN, Found("/my/cases/", f"/my/cases/{CASE}/", then="hearing/"))],
    "cases.order": [("supervisor", filled(
        lambda page: Found("/work/cases/", f"/work/cases/{CASE}/")(page).replace("cases", "supervision/issue"),
        {"reason": "临近期限，请说明。", "days": "3"}, then=Found("/work/supervision/orders/", "/work/supervision/orders/[0-9]+/"),
    ))],
    "people.api_key": [(ADMIN, API_KEY)],
    "notices.subscribe": [(ADMIN, lambda page: API_KEY(page) + "webhooks/new/")],
    "catalog.harvest_source": [("bureau", filled("/work/data/harvest/new/", {
        "name": "演示目录", "kind": "", "url": "https://data.example.org", "provider": "", "classification": "207001", "hours": "24",
    }, then=Found("/work/data/harvest/", "/work/data/harvest/[0-9]+/")))],
    "certificates.correct": [("head", Found("/work/certificates/", "/work/certificates/[0-9]+/", then="correct/"))],
    "petitions.home": [("", None), (CITIZEN, None)],
    "petitions.step": [(CITIZEN, writing(one)) for one in ("what", "against", "files", "send")],
    "petitions.mine": [(CITIZEN, Found("/petitions/", f"/my/petitions/{PETITION}/"))],
    "petitions.petitions": [(PETITIONER, None), ("housing", None)],
    "petitions.petition": [
        (who, Found("/work/petitions/?view=all", f"/work/petitions/{PETITION}/")) for who in (PETITIONER, "housing-head")
    ],
    **{f"petitions.{name}": [(PETITIONER, None)] for name in ("intake", "petition_figures", "terms")},
    "petitions.new_term": [("petition-head", None)],
    "sharing.applications": [("civil", None), ("police", None)], "sharing.terms": [("civil", None)],
    "sharing.new_term": [("bureau", None)],
    "sharing.step": [("tax", sharing_step(one)) for one in ("why", "what", "how", "check")],
    "sharing.application": [(who, SHARED) for who in ("civil", "hrss", "police")],
    **{f"sharing.{name}": [("police", Found("/work/sharing/", f"/work/sharing/{SHARE}/", then=then))] for name, then in (
        ("thread", "thread/"), ("calls", "calls/"), ("change_grant", "grant/renew/"),
    )},
    **{f"emergency.{name}": [(DUTY, None)] for name in ("desk", "open_new", "events", "roster", "plan_list")},
    "emergency.event": [
        (who, Found("/work/emergency/events/?view=all", f"/work/emergency/events/{EVENT}/"))
        for who in (DUTY, "fire", "duty-head")
    ],
    "requests.publish": [(DISPATCHER, Found("/work/requests/?view=all&state=closed", f"/work/requests/{ORDER}/", then="publish/"))],
}  # fmt: skip
