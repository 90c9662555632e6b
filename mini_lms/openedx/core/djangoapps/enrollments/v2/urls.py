from rest_framework.routers import DefaultRouter

from .views import EnrollmentViewSet

app_name = "v2"

router = DefaultRouter()
router.register("enrollment", EnrollmentViewSet, basename="enrollment")

urlpatterns = router.urls
