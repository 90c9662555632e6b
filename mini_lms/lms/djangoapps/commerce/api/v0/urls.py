from django.urls import path

from .views import BasketsView

app_name = "v0"

urlpatterns = [path("baskets/", BasketsView.as_view(), name="baskets")]
