"""Electronic licences: issue, verify, suspend, revoke, expire."""
