from __future__ import annotations

from django.urls import path, re_path

from newsletter.views import files, mine, pages, search

app_name = "newsletter"

urlpatterns = [
    path("", pages.home, name="home"),
    path("issues/", pages.archive, name="archive"),
    re_path(r"^issues/(?P<slug>[0-9]{4}-[0-9]{1,2})/$", pages.issue, name="issue"),
    path("sections/", pages.sections, name="sections"),
    path("sections/<slug:slug>/", pages.section, name="section"),
    path("articles/<int:pk>/", pages.article, name="article"),
    path("search/", search.search, name="search"),
    path("figures/<slug:pk>/", files.figure, name="figure"),
    path("attachments/<int:pk>/", files.attachment, name="attachment"),
    re_path(
        r"^articles/(?P<pk>[0-9]{1,18})/tables/(?P<block>b[0-9a-z]{4,12})\.(?P<form>xlsx|csv)$",
        files.table,
        name="table",
    ),
    path("me/reading/", mine.history, name="history"),
    path("me/bookmarks/", mine.bookmarks, name="bookmarks"),
    path("me/notes/", mine.notes, name="notes"),
    path("me/notes/<int:pk>/", mine.change_note, name="change_note"),
    path("me/resume/", mine.resume, name="resume"),
    path("me/articles/<int:pk>/", mine.desk, name="desk"),
    path("me/articles/<int:pk>/marks/", mine.marks, name="marks"),
    path("me/articles/<int:pk>/bookmark/", mine.bookmark, name="bookmark"),
    path("me/articles/<int:pk>/finished/", mine.finished, name="finished"),
    path("me/articles/<int:pk>/place/", mine.place, name="place"),
    path("me/articles/<int:pk>/notes/", mine.add_note, name="add_note"),
]
