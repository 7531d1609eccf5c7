from newsletter.admin import articles, issues, sections

__all__ = ["articles", "issues", "sections"]
