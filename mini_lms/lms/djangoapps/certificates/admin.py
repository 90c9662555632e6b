from django.contrib import admin

from .models import GeneratedCertificate


@admin.register(GeneratedCertificate)
class GeneratedCertificateAdmin(admin.ModelAdmin):
    list_display = ("user", "course_id", "mode", "status")
    raw_id_fields = ("user",)
