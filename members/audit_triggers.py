"""Triggers that refuse to update or delete audit entries, for both engines.

Deleting is let through only inside a sealed range that is marked as purged. On PostgreSQL
TRUNCATE is refused as well.
"""

from __future__ import annotations

from typing import Any

_PURGED = (
    "EXISTS (SELECT 1 FROM members_auditseal s WHERE s.purged_at IS NOT NULL"
    " AND OLD.id BETWEEN s.first_id AND s.last_id)"
)

TRIGGERS: dict[str, dict[str, str]] = {
    "sqlite": {
        "auditentry_no_update": (
            "CREATE TRIGGER auditentry_no_update BEFORE UPDATE ON members_auditentry"
            " BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END"
        ),
        "auditentry_no_delete": (
            "CREATE TRIGGER auditentry_no_delete BEFORE DELETE ON members_auditentry"
            f" WHEN NOT {_PURGED}"
            " BEGIN SELECT RAISE(ABORT, 'audit entries are never deleted'); END"
        ),
        # REPLACE deletes the row in its way without a word to the trigger above.
        "auditentry_no_replace": (
            "CREATE TRIGGER auditentry_no_replace BEFORE INSERT ON members_auditentry"
            " WHEN EXISTS (SELECT 1 FROM members_auditentry e WHERE e.id = NEW.id)"
            " BEGIN SELECT RAISE(ABORT, 'audit entries are never replaced'); END"
        ),
    },
    "postgresql": {
        "auditentry_no_update": (
            "CREATE TRIGGER auditentry_no_update BEFORE UPDATE ON members_auditentry"
            " FOR EACH ROW EXECUTE FUNCTION members_auditentry_refuse()"
        ),
        "auditentry_no_delete": (
            "CREATE TRIGGER auditentry_no_delete BEFORE DELETE ON members_auditentry"
            " FOR EACH ROW EXECUTE FUNCTION members_auditentry_refuse()"
        ),
        "auditentry_no_truncate": (
            "CREATE TRIGGER auditentry_no_truncate BEFORE TRUNCATE ON members_auditentry"
            " FOR EACH STATEMENT EXECUTE FUNCTION members_auditentry_refuse()"
        ),
    },
}

_FUNCTION = f"""
CREATE OR REPLACE FUNCTION members_auditentry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND {_PURGED} THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'audit entries are never changed or deleted';
END $$
"""


def create(apps: Any, schema_editor: Any) -> None:
    """Create the triggers, replacing any of the same name."""
    drop(apps, schema_editor)
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        schema_editor.execute(_FUNCTION)
    for statement in TRIGGERS[vendor].values():
        schema_editor.execute(statement)


def drop(apps: Any, schema_editor: Any) -> None:
    vendor = schema_editor.connection.vendor
    on = " ON members_auditentry" if vendor == "postgresql" else ""
    for name in TRIGGERS[vendor]:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
