from __future__ import annotations

from django.urls import path, re_path

from newsletter import views

app_name = "newsletter"

urlpatterns = [
    path("", views.home, name="home"),
    path("issues/", views.archive, name="archive"),
    re_path(r"^issues/(?P<slug>[0-9]{4}-[0-9]{1,2})/$", views.issue, name="issue"),
    path("sections/", views.sections, name="sections"),
    path("sections/<slug:slug>/", views.section, name="section"),
    path("articles/<int:pk>/", views.article, name="article"),
    path("figures/<slug:pk>/", views.figure, name="figure"),
    path("attachments/<int:pk>/", views.attachment, name="attachment"),
]
