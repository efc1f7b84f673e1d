"""The matrix of rights: everybody at every address, and whose names, numbers and counts lists, files and search show.

A new route must be put into ROUTES; what is expected is written here, not read from the manifests.
"""

import io
import re
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.urls import URLPattern, get_resolver
from openpyxl import load_workbook

from hexi.site.tests.town import EVERYBODY, HERE, THERE, make_town

pytestmark = pytest.mark.django_db
WINDOW = "clerk hall neighbour namesake there"
DESKS = f"{WINDOW} examiner head"
#: group → who comes in wherever the thing is within their reach; "all": everybody; "signed": who is signed in
GROUPS = {
    "open": "all", "signed": "signed", "log": "admin", "regions": "admin", "calendars": "admin", "posts": "admin",
    "systems": "admin", "failures": "admin", "people": f"{DESKS} admin", "unmask": "examiner head admin",
    "register": f"{WINDOW} admin", "papers": WINDOW, "certificates": f"{WINDOW} head", "revoke": "head",
    "till": f"{WINDOW} head accountant", "take": WINDOW, "refund": "head accountant", "send": f"{WINDOW} head",
    "hand": WINDOW, "window": WINDOW, "plan": "head admin", "cases": f"{DESKS} supervisor admin", "accept": WINDOW,
    "examine": "examiner", "supervise": "supervisor", "figures": f"{DESKS} supervisor editor admin",
    "items": f"{DESKS} supervisor editor admin", "edit": "editor",
}  # fmt: skip
#: group → names of its routes
ROUTES = {
    "open": """
        ui.gallery ui.gallery_home ui.gallery_list ui.gallery_work ui.gallery_row ui.gallery_detail ui.gallery_form
        ui.gallery_steps ui.gallery_board ui.gallery_error ui.prefer audit.seals regions.pick regions.children
        regions.here regions.sites regions.site calendars.public_year search.search search.suggest documents.handoff
        documents.copy_check certificates.verify certificates.verified money.notify
        parcels.events indicators.indicators indicators.figure
        market.book market.book_time market.ticket market.screen market.kiosk cases.bundle_guide cases.bundle_check
        cases.section cases.materials cases.check cases.progress cases.statistics cases.decisions cases.rating_results
        cases.powers cases.power_list citizen.home citizen.site_map hall.items hall.guide hall.blank site.health
        site.switch_role site.move_clock""",
    "signed": """
        ui.kept people.account people.edit people.bind people.body people.my_mandates people.give_mandate
        people.end_mandate people.looks notices.inbox notices.notice notices.read_all notices.unread notices.wishes
        notices.try_out notices.bell notices.rung documents.mine documents.document documents.remove documents.restore
        documents.show documents.download documents.preview documents.thumb documents.handed documents.copies
        documents.make_copy documents.copy documents.withdraw_copy forms.drafts forms.discard
        forms.take_back forms.parked certificates.mine certificates.own certificates.ask money.my_payments money.mine
        money.pay money.check parcels.mine parcels.mine_one parcels.new_code market.mine market.mine_one market.cancel
        market.calendar_file market.take_here cases.hand_in cases.begin_again cases.ask cases.view cases.begin_bundle
        cases.my_bundles cases.my_bundle cases.begin cases.my_cases cases.mine cases.sent cases.mend cases.withdraw
        cases.answer cases.open_case cases.rate cases.order cases.act_on_order citizen.my workbench.home""",
    "log": "audit.entries",
    "regions": """
        regions.departments regions.department regions.divisions regions.division regions.rename regions.merge""",
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
    "take": "money.take", "refund": "money.refund money.hand_in",
    "send": "parcels.parcels parcels.parcel parcels.send parcels.cancel parcels.again parcels.label_of",
    "hand": "parcels.hand parcels.hand_known",
    "window": """
        market.window market.sit market.call_next market.know market.hand_on market.step market.bookings""",
    "plan": "market.days market.close_day market.open_day",
    "cases": """
        cases.verifications cases.verification cases.minutes cases.inbox cases.cases cases.case cases.claim cases.say
        cases.verify cases.act cases.rating_list cases.rating cases.handle_rating cases.behind cases.orders
        cases.done_steps cases.reasons cases.because""",
    "accept": "cases.enter", "examine": "cases.procedure cases.joint_review",
    "supervise": "cases.watch cases.lit cases.issue",
    "figures": "indicators.work_indicators indicators.work_figure cases.spent",
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
    "cases.issue": ("case", "supervisor"),
}  # fmt: skip
#: lists → who reads the name or number of the matter here, and who that of the one there
LISTS = {
    "/my/cases/": ("owner", ""), "/my/payments/": ("owner", ""), "/my/parcels/": ("owner", ""),
    "/my/certificates/": ("owner", ""),
    "/work/inbox/": ("clerk hall", "there"), "/work/cases/": ("clerk examiner head hall supervisor admin", "there admin"),
    "/work/certificates/": ("clerk head hall", "there"), "/work/parcels/": ("clerk head hall", "there"),
    "/work/cashier/": ("clerk head hall accountant", "there"),
    "/work/supervision/cases/": ("supervisor", ""),
}  # fmt: skip
#: lists that open with a view in which the matter does not stand yet
QUIET = {"/work/parcels/", "/work/supervision/cases/"}
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
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_town()
        transaction.set_rollback(True)


def address(name, thing=None):
    """A route with its parameters filled in: of a thing, or of nothing that exists."""

    def fill(match):
        kind, key = match[1], match[2]
        if thing is not None:
            return str(getattr(thing, key))
        return ARGUMENTS.get(key) or {"int": "987654", "uuid": "0" * 8 + "-0000" * 3 + "-" + "0" * 12}.get(
            kind, "0" * 12
        )

    return "/" + re.sub(r"<(\w+):(\w+)>", fill, ADDRESSES[name])


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
def test_who_comes_in_at_the_workbench(town, group):
    """Without the right nobody gets beyond the door, by GET or POST, and nothing is written."""
    wrong = []
    for name in ROUTES[group].split():
        for one in EVERYBODY:
            inside = one in who(GROUPS[group])
            expected = "sign in" if one == "visitor" else "refused"
            if inside:
                got = town.clients[one].get(address(name))
                assert got.status_code < 500
                wrong += [] if outcome(got) == "shown" or "987654" in address(name) else [(name, one, outcome(got))]
                continue
            with nothing_written():
                got = [town.clients[one].get(address(name)), town.clients[one].post(address(name), {"reason": "x"})]
            wrong += [(name, one, outcome(answer)) for answer in got if outcome(answer) != expected]
    assert wrong == []


def test_who_is_not_signed_in_is_sent_to_sign_in(town):
    names = ROUTES["signed"].split()
    assert [name for name in names if outcome(town.clients["visitor"].get(address(name))) != "sign in"] == []
    with nothing_written():
        posts = [town.clients["visitor"].post(address(name)) for name in names]
    assert {outcome(answer) for answer in posts} == {"sign in"}


@pytest.mark.parametrize("one", ["visitor", "stranger", "clerk"])
def test_open_pages_are_open(town, one):
    answers = {name: town.clients[one].get(address(name)) for name in ROUTES["open"].split()}
    wrong = {name for name, answer in answers.items() if outcome(answer) != "shown"}
    assert wrong <= {"site.switch_role", "site.move_clock", "cases.section", "cases.materials", "cases.check",
                     "cases.bundle_check", "money.notify", "parcels.events"}  # fmt: skip


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
