"""Sessions in the database, as Django keeps them; the read that every request begins with has a fixed shape."""

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from hexi.kernel.fixed import Fixed, Given

_IN_FORCE = Fixed(lambda: Session.objects.filter(session_key=Given("key"), expire_date__gt=Given("now")))


class SessionStore(db.SessionStore):
    """Django's own store; a session that is over or was ended by another process is none at the very next request."""

    def _get_session_from_db(self) -> Any:
        found = _IN_FORCE.first(key=self.session_key, now=timezone.now())
        if found is None:
            self._session_key = None
        return found
