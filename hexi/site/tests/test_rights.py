"""The matrix of rights: everybody at every address, and whose names, numbers and counts lists, files and search show.

A new route must be put into ROUTES; what is expected is written here, not read from the manifests.
"""

import io
import re
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.template.backends.jinja2 import Template
from django.urls import URLPattern, get_resolver
from openpyxl import load_workbook

from hexi.site import urls
from hexi.site.tests.town import EVERYBODY, HERE, THERE, make_town

pytestmark = pytest.mark.django_db
WINDOW = "clerk hall neighbour namesake there"
DESKS = f"{WINDOW} examiner head"
HOTLINE = "operator dispatcher hotline"
PETITIONS, EMERGENCY = "petitioned petitionhead unithead", "duty leader responder"
#: group → who comes in wherever the thing is within their reach; "all": everybody; "signed": who is signed in
GROUPS = {
    "open": "all", "signed": "signed", "log": "admin", "regions": "admin", "maps": "admin commander", "wall": "commander", "calendars": "admin", "posts": "admin",
    "systems": "admin", "failures": "admin", "people": f"{DESKS} admin", "unmask": "examiner head admin",
    "register": f"{WINDOW} admin", "papers": WINDOW, "certificates": f"{WINDOW} head", "revoke": "head",
    "till": f"{WINDOW} head accountant", "take": WINDOW, "refund": "head accountant", "waive": "head", "send": f"{WINDOW} head",
    "hand": WINDOW, "window": WINDOW, "plan": "head admin", "cases": f"{DESKS} supervisor admin", "accept": WINDOW,
    "examine": "examiner", "supervise": "supervisor",
    "figures": f"{DESKS} supervisor editor admin dispatcher hotline handler gridhead commander",
    "items": f"{DESKS} supervisor editor admin", "edit": "editor", "alerts": "warner approver commander", "warn": "warner",
    "agree": "approver", "knowledge": f"{HOTLINE} handler author keeper", "write": "author keeper", "judge": "keeper",
    "inbox": f"{DESKS} supervisor admin {HOTLINE} handler gridunit gridcentre {PETITIONS} {EMERGENCY} asker sharehead",
    "intake": HOTLINE,
    "dispatch": "dispatcher hotline", "orders": f"{HOTLINE} handler commander", "limits": "hotline", "after": "handler",
    "grid report": "gridworker gridcentre", "grid": "gridunit gridcentre gridhead commander", "grid edit": "gridhead",
    "grid video": "gridcentre gridhead commander", "petitions": PETITIONS, "petition office": "petitioned petitionhead",
    "petition terms": "petitionhead", "emergency": f"{EMERGENCY} commander", "desk": "duty leader commander", "duty": "duty leader",
    "exchange": "exchanger", "grants": "exchanger asker sharehead", "grant change": "exchanger sharehead",
    "data use": "exchanger asker sharehead", "trust": "",
    "data": "steward bureau exchanger asker sharehead sharebureau", "sharing": "asker sharehead sharebureau",
    "sharing ask": "asker sharehead", "sharing decide": "sharehead", "sharing terms": "sharebureau",
    "data write": "steward bureau", "data publish": "bureau", "data keep": "bureau",
}  # fmt: skip
#: group → names of its routes
ROUTES = {
    "open": """
        ui.gallery ui.gallery_home ui.gallery_list ui.gallery_work ui.gallery_row ui.gallery_detail ui.gallery_form
        ui.gallery_steps ui.gallery_board ui.gallery_error ui.prefer audit.seals regions.pick regions.children
        regions.here regions.base_map regions.sites regions.site calendars.public_year search.search search.suggest documents.handoff
        documents.copy_check certificates.verify certificates.verified money.notify
        parcels.events alerts.current alerts.alert alerts.document alerts.feed_of alerts.other alerts.confirm
        indicators.indicators indicators.figure
        market.book market.book_time market.ticket market.screen market.kiosk cases.bundle_guide cases.bundle_check
        cases.section cases.materials cases.check cases.progress cases.statistics cases.decisions cases.decision cases.rating_results
        cases.powers cases.power_list citizen.home citizen.site_map citizen.robots hall.items hall.guide hall.blank site.health
        site.switch_role site.move_clock requests.home requests.new requests.step requests.emergency requests.open_map
        requests.ground ui.gallery_map ui.gallery_map_data
        requests.open_orders requests.answers requests.public_photo requests.stop_following requests.confirm_mail requests.week
        requests.league requests.progress requests.linked requests.linked_do requests.public requests.public_do
        requests.discovery requests.services requests.service requests.service_requests requests.service_request
        requests.token requests.service_updates requests.account_events requests.call_events requests.weixin_push
        articles.public_list articles.article articles.feedback articles.version petitions.home
        catalog.action catalog.action_too catalog.dcat_catalogue catalog.dcat_dataset catalog.csvw_metadata
        catalog.schema catalog.sitemap catalog.feed catalog.datasets catalog.dataset catalog.interface catalog.rows_file
        catalog.dataset_version catalog.version_file
        catalog.chart catalog.dataset_map catalog.dataset_map_data catalog.wishes catalog.products""",
    "knowledge": """
        articles.work_articles articles.work_article articles.act articles.work_version articles.feedback_list
        articles.answer_feedback articles.league""",
    "write": "articles.new articles.edit articles.withdraw articles.review", "judge": "articles.give_back",
    "inbox": "cases.inbox",
    "intake": """
        requests.intake requests.intake_caller requests.intake_alike requests.intake_articles requests.calls
        requests.call_now requests.call requests.recording requests.sound requests.call_do requests.seat
        requests.callbacks requests.dial""",
    "dispatch": "requests.desk requests.publish requests.photo_list requests.photo requests.photo_copy",
    "orders": """
        requests.orders requests.request_figures requests.behind requests.limits requests.order requests.caller requests.order_do
        requests.act requests.standard_text requests.topics requests.topics_map requests.topic""",
    "after": "requests.add_after",
    "limits": """
        requests.new_limit requests.classes requests.describe_class requests.rules requests.new_rule requests.try_rules requests.end_rule
        requests.change_limit requests.end_limit
        requests.classifiers requests.accounts requests.new_account requests.publish_text
        requests.outgoing requests.edit_account""",
    "signed": """
        catalog.rate catalog.wish catalog.product catalog.end_product catalog.earlier
        catalog.follow_dataset catalog.followed catalog.follows
        ui.kept people.account people.edit people.bind people.body people.my_mandates people.give_mandate
        people.end_mandate people.answer_mandate people.looks notices.inbox notices.notice notices.read_all notices.unread notices.wishes
        notices.try_out notices.bell notices.rung documents.mine documents.document documents.remove documents.restore
        documents.show documents.download documents.preview documents.thumb documents.handed documents.copies
        documents.make_copy documents.copy documents.withdraw_copy forms.drafts forms.discard
        forms.take_back forms.parked certificates.mine certificates.own certificates.ask money.my_payments money.mine
        money.pay money.check parcels.mine parcels.mine_one parcels.new_code alerts.watch alerts.unwatch alerts.confirm_mine market.mine market.mine_one market.cancel
        market.calendar_file market.take_here cases.hand_in cases.begin_again cases.ask cases.view cases.begin_bundle
        cases.my_bundles cases.my_bundle cases.begin cases.my_cases cases.mine cases.sent cases.mend cases.withdraw
        grid.incident grid.act grid.cell grid.homes grid.home grid.move_in grid.move_out grid.drop_home
        cases.answer cases.open_case cases.rate cases.order cases.act_on_order citizen.my workbench.home requests.open_order
        requests.mine requests.mine_do requests.follows
        petitions.new petitions.step petitions.mine petitions.mine_do""",
    "log": "audit.entries",
    "regions": """
        regions.rename regions.merge regions.import_map regions.end_base_map regions.edit_department
        regions.work_sites regions.edit_site regions.undo_edit""",
    "maps": """
        regions.departments regions.department regions.divisions regions.division regions.base_maps
        regions.base_map_page""",
    "wall": "command.wall command.data",
    "calendars": """
        calendars.calendars calendars.open_calendar calendars.year calendars.announce_year calendars.change_day
        calendars.import_days calendars.office_hours""",
    "posts": "people.posts people.appoint people.dismiss people.open_account",
    "systems": """
        people.api_keys people.new_api_key people.api_key people.withdraw_api_key people.clients people.new_client
        people.withdraw_client notices.subscribe notices.stop notices.dead""",
    "failures": "notices.failures", "people": "people.find people.person", "unmask": "people.unmask",
    "register": "people.verify people.release people.tie people.representative", "papers": "cases.take_in",
    "certificates": """
        certificates.certificates certificates.certificate certificates.correct certificates.answer""",
    "revoke": "certificates.change", "till": """
        money.cashier money.receipts money.charge money.reconciliation money.statement""",
    "take": "money.take", "refund": "money.refund money.hand_in", "waive": "cases.waive_fee",
    "send": "parcels.parcels parcels.parcel parcels.send parcels.cancel parcels.again parcels.label_of",
    "hand": "parcels.hand parcels.hand_known",
    "alerts": "alerts.work_alerts alerts.work_alert alerts.act alerts.calls", "agree": "alerts.give_back",
    "warn": """
        alerts.compose alerts.change alerts.area alerts.area_map alerts.drop_area alerts.update alerts.cancel alerts.contacts
        alerts.add_contact alerts.end_contact alerts.sources alerts.add_source alerts.source alerts.upload
        alerts.ask_source alerts.end_source alerts.received""",
    "window": """
        market.window market.sit market.call_next market.know market.hand_on market.step market.bookings""",
    "plan": "market.days market.close_day market.open_day",
    "cases": """
        cases.verifications cases.verification cases.minutes cases.cases cases.case cases.claim cases.say
        cases.verify cases.act cases.results cases.rating_list cases.rating cases.handle_rating cases.behind cases.orders
        cases.done_steps cases.reasons cases.because""",
    "accept": "cases.enter cases.enter_again cases.enter_bundle cases.counter", "examine": "cases.procedure cases.joint_review",
    "supervise": "cases.watch cases.lit cases.issue",
    "figures": "indicators.work_indicators indicators.work_figure cases.spent grid.scores grid.cell_scores grid.behind",
    "grid report": "grid.phone grid.report grid.check_in grid.phone_script",
    "grid": "grid.incidents grid.cells grid.components grid.grid_classes",
    "grid edit": """
        grid.take_cells grid.draw grid.redraw grid.draw_map grid.change_cell grid.take_components grid.imported grid.put_video
        grid.drop_video grid.strays""",
    "grid video": "grid.videos grid.video",
    "petitions": "petitions.petitions petitions.petition petitions.terms petitions.act",
    "petition office": "petitions.intake petitions.petition_figures petitions.keep_out",
    "petition terms": "petitions.new_term",
    "emergency": "emergency.events emergency.event emergency.act",
    "desk": "emergency.desk emergency.roster emergency.shift emergency.plan_list", "duty": "emergency.open_new",
    "data": """
        catalog.catalogue catalog.entry catalog.act_on_entry catalog.entry_version catalog.export_entries""",
    "data write": """
        catalog.new_entry catalog.write_entry catalog.edit_entry catalog.withdraw_entry catalog.import_entries catalog.sheet_import
        catalog.row_sources catalog.rows catalog.row_source catalog.upload_rows catalog.ask_now catalog.row_versions catalog.rows_version
        catalog.use_version catalog.withhold_version catalog.ask_to_open_version catalog.open_version catalog.load catalog.confirm_load catalog.drop_load""",
    "data publish": "catalog.give_back_entry", "data keep": """
        catalog.extra_fields catalog.work_wishes catalog.answer_wish catalog.work_products catalog.review_product
        catalog.harvest_sources catalog.add_harvest catalog.harvest_source catalog.ask_harvest catalog.end_harvest""",
    "exchange": """
        catalog.members catalog.add_member catalog.member catalog.add_subsystem catalog.add_service catalog.service
        catalog.change_subsystem catalog.allow catalog.forbid catalog.switch catalog.groups catalog.add_group
        catalog.group catalog.put_in catalog.take_out""",
    "grants": "catalog.grant_list catalog.grant catalog.received catalog.message_list catalog.message", "grant change": "catalog.give_to catalog.give catalog.change_grant catalog.follow catalog.feeds catalog.stop_feed",
    "trust": "catalog.gateways catalog.gateway catalog.own_card catalog.trust catalog.distrust", "data use": "sharing.check_data",
    "sharing": "sharing.applications sharing.application sharing.thread sharing.calls sharing.terms",
    "sharing ask": "sharing.begin sharing.step sharing.correct sharing.withdraw",
    "sharing decide": "sharing.change_grant sharing.act", "sharing terms": "sharing.new_term",
    "items": """
        cases.self_check cases.items cases.items_sheet cases.item cases.compare cases.export""",
    "edit": """
        cases.take_items cases.item_import cases.import_report cases.stop_item cases.edit cases.bring cases.item_draft cases.draft_questions
        cases.preview_draft cases.publish_draft cases.discard_draft""",
}  # fmt: skip
#: answers whoever holds a key (docs/interfaces.md) or is known to the library that owns them: their own tests
ELSEWHERE = re.compile(r"accounts/|identity/o/|\.well-known/|api/v1/")
#: routes of one thing → the thing and who sees the one here; nobody else does, nor anybody but `there` the other
OWN = {
    "notices.notice": ("notice", "owner"), "documents.document": ("document", "owner"),
    "documents.show": ("document", "owner"), "documents.download": ("document", "owner"),
    "certificates.own": ("certificate", "owner"), "money.mine": ("charge", "owner"),
    "parcels.mine_one": ("parcel", "owner"), "cases.mine": ("case", "owner"), "cases.sent": ("case", "owner"),
    "cases.case": ("case", "clerk examiner head hall supervisor admin"),
    "certificates.certificate": ("certificate", "clerk head hall"), "certificates.change": ("certificate", "head"),
    "money.charge": ("charge", "clerk head hall accountant"), "parcels.parcel": ("parcel", "clerk head hall"),
    "cases.issue": ("case", "supervisor"), "alerts.work_alert": ("alert", "warner approver commander"),
}  # fmt: skip
#: lists → who reads the name or number of the matter here, and who that of the one there
LISTS = {
    "/my/cases/": ("owner", ""), "/my/payments/": ("owner", ""), "/my/parcels/": ("owner", ""),
    "/my/certificates/": ("owner", ""),
    "/work/inbox/": ("clerk hall", "there"), "/work/cases/": ("clerk examiner head hall supervisor admin", "there admin"),
    "/work/certificates/": ("clerk head hall", "there"), "/work/parcels/": ("clerk head hall", "there"),
    "/work/cashier/": ("clerk head hall accountant", "there"),
    "/work/supervision/cases/": ("supervisor", ""), "/work/alerts/": ("warner approver commander", ""),
    "/work/articles/": ("operator dispatcher hotline handler author keeper", ""),
}  # fmt: skip
#: lists that open with a view in which the matter does not stand yet
QUIET = {"/work/parcels/", "/work/supervision/cases/"}
#: beginnings of addresses of one thing → the thing
REAL = {
    "work/cases/<": "case", "work/minutes/<": "case", "work/procedures/<": "case", "work/supervision/issue/<": "case",
    "work/certificates/<": "certificate", "work/cashier/<": "charge", "work/parcels/<": "parcel",
}  # fmt: skip
#: routes of a real thing where who has the right finds nothing yet: no hearing, no such document, no label
NOTHING_YET = {"cases.minutes", "cases.verify", "parcels.label_of"}
#: who has the verb of a group but no reach to the thing here: another office or another region
ELSEWHERE_POSTED = {"neighbour", "namesake", "there"}
ARGUMENTS = {
    "code": "620981000000",
    "region": "620981000000",
    "part": "national",
    "what": "visit",
    "kind": "xlsx",
    "day": "2026-11-30",
    "digest": "0",
    "year": "2026",
}


def routes(patterns=None, before=""):
    """(name, route) of every address the site answers."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield one.name or route, route
        else:
            yield from routes(one.url_patterns, route)


ADDRESSES = {name: route for name, route in routes() if not ELSEWHERE.match(route)}
GROUP_OF = {name: group for group, names in ROUTES.items() for name in names.split()}


@pytest.fixture(scope="module")
def town(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        for status in (403, 404):  # only the status is asked, some ten thousand times
            patch.setattr(
                urls, f"handler{status}", lambda _request, exception, status=status: HttpResponse(status=status)
            )
        yield make_town()
        transaction.set_rollback(True)


@pytest.fixture
def undrawn(monkeypatch):
    """Pages without their templates: who comes in is decided before; every page is drawn by its own tests and the walks."""
    monkeypatch.setattr(Template, "render", lambda *_args, **_named: "")


def address(name, thing=None):
    """A route with its parameters filled in: of a thing, or of nothing that exists."""

    def fill(match):
        kind, key = match[1], match[2]
        if thing is not None and (found := getattr(thing, key, None)):
            return str(found)
        return ARGUMENTS.get(key) or {"int": "987654", "uuid": "0" * 8 + "-0000" * 3 + "-" + "0" * 12}.get(
            kind, "0" * 12
        )

    return "/" + re.sub(r"<(\w+):(\w+)>", fill, ADDRESSES[name])


def real_routes(groups=None):
    """(name, kind of thing) of the workbench's routes that are of one thing the town has."""
    for name, route in ADDRESSES.items():
        kind = next((kind for begins, kind in REAL.items() if route.startswith(begins)), None)
        if kind and GROUP_OF[name] not in ("open", "signed"):
            yield name, kind


def who(words):
    """The names in the words of a group."""
    return {"all": set(EVERYBODY), "signed": set(EVERYBODY[1:])}.get(words) or set(words.split())


def outcome(answer):
    """What an answer means: shown (also: nothing there, or another method), refused, or sent to sign in."""
    if answer.status_code in (301, 302) and "/accounts/login/" in answer["Location"]:
        return "sign in"
    return "refused" if answer.status_code == 403 else "shown"


@contextmanager
def nothing_written():
    """Fails if a statement inside writes anything but sessions."""
    written = []

    def watch(execute, sql, params, many, context):
        if re.match(r"(INSERT|UPDATE|DELETE)", sql) and "django_session" not in sql:
            written.append(sql[:120])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield
    assert written == []


# --- every address ----------------------------------------------------------------------------------------------------
def test_each_route_is_in_the_table_once():
    assert sorted(ADDRESSES) == sorted(name for names in ROUTES.values() for name in names.split())


@pytest.mark.parametrize("group", [group for group in GROUPS if group not in ("open", "signed")])
def test_who_comes_in_at_the_workbench(town, undrawn, group):
    """Without the right nobody gets beyond the door, and nothing is written: every second one comes by POST."""
    wrong = []
    for route, name in enumerate(ROUTES[group].split()):
        for at, one in enumerate(EVERYBODY, route):
            expected = "sign in" if one == "visitor" else "refused"
            if one in who(GROUPS[group]):
                got = town.clients[one].get(address(name))
                assert got.status_code < 500
                wrong += [] if outcome(got) == "shown" or "987654" in address(name) else [(name, one, outcome(got))]
                continue
            ask = town.clients[one].post if at % 2 else town.clients[one].get
            with nothing_written():
                got = outcome(ask(address(name), {"reason": "x"}))
            wrong += [(name, one, got)] if got != expected else []
    assert wrong == []


def test_who_is_not_signed_in_is_sent_to_sign_in(town):
    names = ROUTES["signed"].split()
    assert [name for name in names if outcome(town.clients["visitor"].get(address(name))) != "sign in"] == []
    with nothing_written():
        posts = [town.clients["visitor"].post(address(name)) for name in names]
    assert {outcome(answer) for answer in posts} == {"sign in"}


@pytest.mark.parametrize("one", ["visitor", "stranger", "clerk"])
def test_open_pages_are_open(town, undrawn, one):
    answers = {name: town.clients[one].get(address(name)) for name in ROUTES["open"].split()}
    wrong = {name for name, answer in answers.items() if outcome(answer) != "shown"}
    assert wrong <= {"site.switch_role", "site.move_clock", "cases.section", "cases.materials", "cases.check",
                     "cases.bundle_check", "money.notify", "parcels.events", "requests.account_events",
                     "requests.call_events", "requests.weixin_push"}  # fmt: skip


@pytest.mark.parametrize("name", OWN)
def test_who_sees_one_thing(town, name):
    kind, allowed = OWN[name]
    wrong = []
    for side in ("here", "there"):
        where = address(name, town.things[side][kind])
        for one in EVERYBODY:
            status = town.clients[one].get(where).status_code
            reach = one in who(allowed) if side == "here" else one == "admin" and "admin" in allowed.split()
            reach = reach or (side == "there" and one == "there" and "clerk" in allowed.split())
            if (status == 200) != reach:
                wrong.append((where, one, status))
    assert wrong == []


def reached(answer):
    """True if somebody was let in to the thing itself: neither refused nor told that there is none."""
    return answer.status_code not in (401, 403, 404) and outcome(answer) == "shown"


def test_every_real_thing_is_tried():
    tried = {name for name, _kind in real_routes()}
    assert {"cases.case", "cases.act", "cases.waive_fee", "cases.take_in", "money.charge", "money.take",
            "parcels.hand_known", "certificates.change"} <= tried  # fmt: skip
    assert len(tried) >= 20


def test_who_has_the_right_reaches_the_real_thing_here_and_nobody_else(town):
    """A dummy's 404 says nothing: the thing is there, so that 404 means kept out. POST alone is posted to."""
    wrong = []
    for name, kind in real_routes():
        where = address(name, town.things["here"][kind])
        for one in EVERYBODY:
            inside = one in who(GROUPS[GROUP_OF[name]]) - ELSEWHERE_POSTED
            got = town.clients[one].get(where)
            assert got.status_code < 500, (name, one)
            if got.status_code == 405 and not inside:
                with nothing_written():
                    got = town.clients[one].post(where, {"reason": "x", "opinion": "x"})
            if reached(got) != inside and not (inside and name in NOTHING_YET):
                wrong.append((name, one, got.status_code))
    assert wrong == []


def test_nobody_posts_across_offices(town):
    """Whoever holds the very right in another office or region is refused at the thing there, and nothing is written."""
    wrong = []
    for name, kind in real_routes():
        where = address(name, town.things["there"][kind])
        for one in set(EVERYBODY) - {"there", "admin"}:
            with nothing_written():
                answers = [town.clients[one].post(where, {"reason": "x", "opinion": "x"}) for _twice in range(2)]
            wrong += [(name, one, got.status_code) for got in answers if reached(got) and got.status_code != 405]
    assert wrong == []


# --- what lists, files, counts and search show ------------------------------------------------------------------------
def signs(town, side):
    """What gives away the matter of one side: the name, and the numbers of what was made for it."""
    things = town.things[side]
    numbers = {
        things["case"].number,
        things["parcel"].number,
        things["charge"].number,
        things["certificate"].identifier,
    }
    return {HERE if side == "here" else THERE, *numbers}


def text(answer):
    """What a page, a CSV or a workbook says."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content[:2] == b"PK":
        sheet = load_workbook(io.BytesIO(content), read_only=True)
        return "\n".join(str(cell) for page in sheet for row in page.iter_rows(values_only=True) for cell in row)
    return content.decode("utf-8", "replace")


def given_away(town, said, side):
    return [sign for sign in signs(town, side) if sign in said]


@pytest.mark.parametrize("where", LISTS)
@pytest.mark.parametrize("form", ["", "csv", "xlsx"])
def test_lists_and_their_files_name_only_ones_own(town, where, form):
    wrong = []
    for one in EVERYBODY[1:]:
        said = text(town.clients[one].get(where, {"export": form} if form else {}))
        said = said.replace(HERE, "") if one == "owner" else said  # his own name stands at the top of every page
        for side, allowed in zip(("here", "there"), LISTS[where], strict=True):
            if given_away(town, said, side) and one not in allowed.split():
                wrong.append((one, side, given_away(town, said, side)))
            if not form and where not in QUIET and one in allowed.split() and not given_away(town, said, side):
                wrong.append((one, side, "nothing shown"))
    assert wrong == []


@pytest.mark.parametrize("where", ["/search/", "/search/suggest/", "/work/cases/", "/work/supervision/cases/"])
@pytest.mark.parametrize("side", ["here", "there"])
def test_search_finds_only_what_one_may_see(town, where, side):
    """By name and by number: neither the thing nor how many there are."""
    seers = {"here": {"owner", "clerk", "examiner", "head", "hall", "supervisor", "admin"}, "there": {"there", "admin"}}
    number = town.things[side]["case"].number
    other = {number} | {town.things[side]["parcel"].number}
    wrong = []
    for one in set(EVERYBODY) - seers[side]:
        for asked in (HERE if side == "here" else THERE, number):
            said = text(town.clients[one].get(where, {"q": asked})).replace(asked, "")
            wrong += [(one, asked, sign) for sign in other if sign in said or f"/cases/{number}" in said]
    assert wrong == []


@pytest.mark.parametrize("side", ["here", "there"])
def test_search_finds_what_one_may_see(town, side):
    """The other half: by name and by number in the list, by number where everything is searched."""
    seers = {"here": ("clerk", "examiner", "head", "hall", "supervisor", "admin"), "there": ("there", "admin")}[side]
    number, missed = town.things[side]["case"].number, []
    for one in seers:
        for asked in (HERE if side == "here" else THERE, number):
            said = text(town.clients[one].get("/work/cases/", {"q": asked}))
            missed += [] if f"/cases/{number}/" in said else [("list", one, asked)]
        found = text(town.clients[one].get("/search/", {"q": number}))
        missed += [] if f"/cases/{number}/" in found else [("search", one, number)]
    assert missed == []


def test_counts_are_of_ones_own_cases(town):
    """The pager of the list, the lights of supervision, the bulk of the file."""
    expected = {"clerk": 1, "examiner": 1, "head": 1, "hall": 1, "supervisor": 1, "admin": 2, "there": 1,
                "neighbour": 0, "namesake": 0}  # fmt: skip
    rows = {}
    for one in expected:
        rows[one] = len(text(town.clients[one].get("/work/cases/", {"export": "csv"})).strip().splitlines()) - 1
    assert rows == expected
    lights = text(town.clients["supervisor"].get("/work/supervision/"))
    assert "玉门市林业和草原局" in lights
    assert str(town.things["there"]["office"].pk) not in re.findall(r"department=(\d+)", lights)


@pytest.mark.parametrize("expand", ["", "?expand=events,item,certificate"])
def test_a_key_of_one_office_reads_nothing_of_the_other(town, client, expand):
    for side, other in (("here", "there"), ("there", "here")):
        headers = {"authorization": f"Bearer {town.keys[side]}"}
        listed = text(client.get("/api/v1/cases" + expand, headers=headers))
        assert town.things[side]["case"].number in listed
        assert given_away(town, listed, other) == []
        foreign = town.things[other]["case"].number
        for part in ("", "/decision", "/decision.pdf", "/certificate", "/certificate.pdf"):
            assert client.get(f"/api/v1/cases/{foreign}{part}{expand}", headers=headers).status_code in (400, 403, 404)
    assert client.get("/api/v1/cases").status_code == 401
    assert town.clients["clerk"].get("/api/v1/cases").status_code == 401


def test_the_list_of_supervision_names_services_in_english(town):
    answer = town.clients["supervisor"].get(
        "/work/supervision/cases/", {"view": "normal"}, headers={"accept-language": "en"}
    )
    item = town.things["here"]["item"]
    assert item.title_en in text(answer)
    assert item.title not in text(answer)
