"""Routes that show no page of their own, each with the reason; and pages that only a walk comes to."""

POST = "answers POST alone"
FILE = "the content of a file"
PIECE = "a piece that a page fetches"
MOVES = "leads on to another page"
WALKED = "the demo has none: measured where a walk comes by (measures.sound)"
OPEN311 = "JSON and XML for programs (requests/tests/test_open311.py)"
NO_PAGE = {
    **dict.fromkeys(
        ("requests.discovery", "requests.services", "requests.service", "requests.service_requests",
         "requests.service_request", "requests.token", "requests.service_updates"), OPEN311,
    ),
    "requests.account_events": "takes signed events only (requests/tests/test_accounts.py)",
    "requests.edit_account": "the demo has no account to change (requests/tests/test_accounts.py)",
    "requests.call_events": "takes signed events only (requests/tests/test_calls.py)",
    "requests.weixin_push": "takes signed pushes only (requests/tests/test_weixin.py)",
    "catalog.ask_now": POST, "catalog.drop_load": POST, "catalog.use_version": POST, "catalog.withhold_version": POST, "catalog.open_version": POST,
    **dict.fromkeys((f"catalog.{name}" for name in (
        "give", "follow", "stop_feed", "gateways", "gateway", "own_card", "trust", "distrust")), "for who keeps a whole installation, and pushes elsewhere (catalog/tests/test_network_pages.py)"),
    "catalog.sheet_import": "made by a large file alone (catalog/tests/test_pages.py)",
    "catalog.followed": "leads on (catalog/tests/test_portal.py)",
    "catalog.act_on_entry": POST, "catalog.export_entries": FILE,
    **dict.fromkeys(("catalog.rate", "catalog.end_product", "catalog.follow_dataset", "catalog.ask_harvest", "catalog.end_harvest"), POST),
    **dict.fromkeys(("catalog.rows_file", "catalog.version_file", "catalog.csvw_metadata", "catalog.schema"), FILE),
    **dict.fromkeys(("catalog.action", "catalog.action_too", "catalog.dcat_catalogue", "catalog.dcat_dataset", "catalog.feed",
                     "catalog.sitemap"), "for programs (catalog/tests/test_actions.py, test_dcat_pages.py)"),
    "citizen.robots": FILE,
    "catalog.dataset_map_data": "the map's data, for the script",
    "requests.call_now": PIECE, "requests.sound": FILE,
    "requests.recording": "the demo has no exchange that records (tests/walks/test_call.py)",
    "weixin_login": "there is no WeChat in the demo (people/tests/test_weixin.py)", "weixin_callback": MOVES,
    "audit.seals": "digests as plain text, for programs",
    "ui.prefer": MOVES, "requests.open_order": MOVES,
    "requests.intake_caller": PIECE, "requests.intake_articles": PIECE, "requests.intake_alike": PIECE, "requests.emergency": PIECE,
    "requests.public_photo": FILE, "requests.photo_copy": FILE,
    "requests.photo": "the demo has no photo (tests/walks/test_public_photo.py)",
    "requests.stop_following": "only a letter holds its link (requests/tests/test_followers.py)",
    "requests.confirm_mail": "only a letter holds its link (requests/tests/test_mail_follow.py)",
    "requests.linked": "only who reports without an account has it (requests/tests/test_pages.py)", "regions.here": MOVES, "regions.site": MOVES, "cases.open_case": MOVES, "forms.parked": MOVES,
    "account_set_password": MOVES + ": every account has a password",
    "socialaccount_signup": MOVES + " unless somebody comes from an outside provider (people/tests/test_outside.py)",
    "openid_connect_login": "there is no outside provider in the demo", "openid_connect_callback": MOVES,
    "regions.children": PIECE, "search.suggest": PIECE, "mfa_login_webauthn": PIECE,
    "alerts.document": "CAP, for programs", "alerts.feed_of": "a feed, for programs",
    "requests.open_map": "the map's data, for the script", "requests.topics_map": "the map's data, for the script",
    "requests.ground": "the map's data, for the script", "grid.draw_map": "the map's data, for the script", "alerts.area_map": "the map's data, for the script",
    "ui.gallery_map_data": "the map's data, for the script",
    "command.data": "the map's data, for the script", "regions.base_map": "the map's data, for the script",
    "site.health": "for monitors", "documents.show": FILE, "documents.download": FILE, "documents.preview": FILE,
    "documents.thumb": FILE, "mfa_download_recovery_codes": FILE,
    **{f"accounts/social/{old}/": MOVES + ": the address of older versions" for old in
       ("login/cancelled", "login/error", "signup", "connections")},
    **dict.fromkeys((
        "alerts.act", "alerts.drop_area", "alerts.ask_source", "alerts.end_source", "alerts.confirm_mine", "alerts.unwatch",
        "people.verify", "notices.read_all", "notices.unread", "notices.try_out", "documents.remove", "documents.restore",
        "documents.withdraw_copy",
        "forms.discard", "forms.take_back", "cases.mend", "cases.withdraw", "cases.answer", "cases.claim", "cases.say",
        "cases.verify", "cases.act", "cases.stop_item", "site.switch_role", "site.move_clock",
        "people.end_mandate", "people.answer_mandate", "people.withdraw_api_key", "people.withdraw_client", "notices.stop", "certificates.answer", "certificates.ask",
        "money.check", "money.notify", "parcels.new_code", "parcels.events", "parcels.send", "market.cancel", "market.sit", "market.call_next", "market.step", "cases.hand_in", "cases.take_in", "cases.results",
        "regions.end_base_map", "regions.undo_edit", "grid.report", "grid.check_in", "grid.act", "grid.change_cell", "grid.move_in", "grid.move_out",
        "grid.drop_home", "grid.drop_video",
        "cases.rate", "cases.handle_rating", "cases.act_on_order", "cases.edit", "cases.publish_draft",
        "cases.discard_draft", "requests.linked_do", "requests.public_do", "requests.mine_do", "requests.act",
        "requests.order_do", "requests.caller", "requests.standard_text", "articles.feedback", "articles.act",
        "requests.add_after", "requests.call_do", "requests.dial", "petitions.new", "petitions.mine_do",
        "petitions.keep_out", "petitions.act", "sharing.begin", "sharing.correct", "sharing.withdraw", "sharing.act",
        "sharing.check_data", "emergency.act", "emergency.shift",
    ), POST),
    **dict.fromkeys((
        "money.take", "parcels.again", "parcels.hand_known", "parcels.cancel",
        "market.know", "market.hand_on", "market.close_day", "market.open_day",
    ), POST + ", about a thing that must be there first"),
    **dict.fromkeys(("grid.phone_script", "market.calendar_file", "parcels.label_of", "cases.items_sheet", "cases.import_report", "cases.export"), FILE),
    **dict.fromkeys((
        "openapi-json", "items", "item", "apply", "cases", "apply_form", "supplement", "materials", "case",
        "bundles", "bundle", "apply_bundle", "apply_bundle_form", "bundle_application", "decision", "decision_pdf",
        "certificate", "certificate_pdf", "api-root", "api/v1/<path:rest>", "configuration", "jwks", "token", "revoke",
        "device_code", "userinfo", "identity/o/authorize", "authorization", "device_authorization", "logout",
    ), "for other systems (site/tests/test_schema.py, test_identity.py)"),
    **dict.fromkeys((
        "money.mine", "money.pay", "money.charge", "money.refund", "money.statement",
    ), "the demo has none; axe in money/tests/test_browser.py"),
    **dict.fromkeys((
        "cases.verification", "cases.procedure", "cases.view", "cases.joint_review", "cases.counter", "cases.bundle_check", "cases.my_bundle",
        "cases.minutes", "market.kiosk", "market.ticket", "market.take_here",
    ), WALKED),
    "grid.imported": "a table of what was taken in (grid/tests/test_cells.py)",
    "cases.begin_again": MOVES,
}  # fmt: skip
