"""Japanese postal codes: several places may share one, and large offices have their own."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PostalCode(models.Model):
    """One place behind a postal code. A code with several rows is a choice for a person, never made silently."""

    code = models.CharField(_("postal code"), max_length=7)
    jis_code = models.CharField(_("municipality code"), max_length=5)
    prefecture = models.CharField(_("prefecture"), max_length=8)
    city = models.CharField(_("city"), max_length=60)
    town = models.CharField(_("town"), max_length=120, blank=True, db_default="")
    street = models.CharField(_("street and building"), max_length=200, blank=True, db_default="")
    prefecture_kana = models.CharField(_("prefecture (kana)"), max_length=24, blank=True, db_default="")
    city_kana = models.CharField(_("city (kana)"), max_length=120, blank=True, db_default="")
    town_kana = models.CharField(_("town (kana)"), max_length=200, blank=True, db_default="")
    note = models.TextField(_("note"), blank=True, db_default="")
    is_office = models.BooleanField(_("code of one office"), db_default=False)
    office_name = models.CharField(_("office"), max_length=200, blank=True, db_default="")
    office_kana = models.CharField(_("office (kana)"), max_length=255, blank=True, db_default="")
    withdrawn_on = models.DateField(
        _("withdrawn on"), null=True, blank=True, help_text=_("No longer in the published list; kept for old addresses.")
    )

    class Meta:
        verbose_name = _("postal code")
        verbose_name_plural = _("postal codes")
        ordering = ["code", "id"]
        constraints = [models.UniqueConstraint(fields=["code", "jis_code", "town", "street", "office_name"], name="core_postalcode_place")]

    def __str__(self) -> str:
        return f"〒{self.code[:3]}-{self.code[3:]} {self.prefecture}{self.city}{self.town}"
