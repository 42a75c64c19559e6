"""What a company sets up for its customers: ranks, tags, own fields, households."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin_site import HouseAdmin
from customers.models import Attribute, CustomerRank, Tag


@admin.register(CustomerRank)
class CustomerRankAdmin(HouseAdmin):
    list_display = ("name", "code", "level", "brand", "company")
    list_select_related = ("brand", "company")
    list_filter = ("company", "brand")
    search_fields = ("name", "code")
    ordering = ("company_id", "-level")
    fields = (("company", "brand"), ("name", "code"), "level")
    empty_words = _("Add the ranks your best customers can reach.")


@admin.register(Tag)
class TagAdmin(HouseAdmin):
    list_display = ("name", "visibility", "company")
    list_select_related = ("company",)
    list_filter = ("visibility", "company")
    search_fields = ("name",)
    ordering = ("company_id", "name")
    empty_words = _("Add words to put on customers, for staff or for them to see.")


@admin.register(Attribute)
class AttributeAdmin(HouseAdmin):
    list_display = ("name", "code", "company")
    list_select_related = ("company",)
    list_filter = ("company",)
    search_fields = ("name", "code")
    ordering = ("company_id", "code")
    empty_words = _("Add fields that only your company keeps on its customers.")
