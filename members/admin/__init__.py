from members.admin import audit, organizations, people

__all__ = ["audit", "organizations", "people"]
