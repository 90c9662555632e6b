"""The site's switches, to read: for those who may see them in the admin."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from token_payments import conf
from token_payments.models import EnrolmentSettings, TokenSettings
from token_payments.rest_api.v1.base import ApiViewSet
from token_payments.rest_api.v1.schema import reads


class EnrolmentSettingsSerializer(serializers.ModelSerializer):
    unenrolment_days = serializers.IntegerField()

    class Meta:
        model = EnrolmentSettings
        fields = (
            "enabled",
            "override_allowed",
            "default_method",
            "unenrolment_policy",
            "unenrolment_days",
            "code_reversal",
        )


class TokenSettingsSerializer(serializers.ModelSerializer):
    refund_grace_days = serializers.IntegerField()

    class Meta:
        model = TokenSettings
        fields = (
            "manual_issues_allowed",
            "adjustments_allowed",
            "refund_grace_days",
            "transfers_allowed",
        )


class SettingsSerializer(serializers.Serializer):
    enrolment = EnrolmentSettingsSerializer()
    tokens = TokenSettingsSerializer()
    time_zone = serializers.CharField(help_text="In which dates given by people end.")
    tax_rate = serializers.DecimalField(
        max_digits=5, decimal_places=2, allow_null=True, help_text="In percent, of new orders."
    )
    buyers_may_cancel = serializers.BooleanField()


class Settings(ApiViewSet):
    queryset = TokenSettings.objects.none()
    serializer_class = SettingsSerializer
    pagination_class = None

    @reads(SettingsSerializer, filters=False)
    def show(self, request: Request) -> Response:
        """The site's settings."""
        self.require_hidden("view_enrolmentsettings", "view_tokensettings")
        return self.answer(
            {
                "enrolment": EnrolmentSettings.current(),
                "tokens": TokenSettings.current(),
                "time_zone": conf.time_zone().key,
                "tax_rate": conf.tax_rate(),
                "buyers_may_cancel": conf.buyers_may_cancel(),
            }
        )
