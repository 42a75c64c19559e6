"""What is described and what is sold."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import FileExtensionValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node

from catalog.rules import ProductKind, ProductStatus, TemperatureZone
from core.fields import EnumField, PublicIdField, RecordedAtField, down, text

PICTURES = ["svg", "png", "jpg", "jpeg", "webp", "avif"]


class CategoryTree(models.Model):
    """One season's category tree; a product keeps its place in last season's, so that years compare."""

    company = down("core.Company", _("company"))
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    valid_from_on = models.DateField(_("valid from"), null=True, blank=True)
    valid_until_on = models.DateField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("category tree")
        verbose_name_plural = _("category trees")
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="catalog_categorytree_code_once")]

    def __str__(self) -> str:
        return self.name


class Category(MP_Node):
    """A shelf in one tree."""

    tree = models.ForeignKey(CategoryTree, verbose_name=_("tree"), on_delete=models.PROTECT, related_name="categories")
    code = models.CharField(_("code"), max_length=60)
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True, db_default="", default="")
    full_name = models.CharField(_("path"), max_length=500, blank=True, db_default="", default="", editable=False)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [models.UniqueConstraint(fields=["tree", "code"], name="catalog_category_code_once")]

    def __str__(self) -> str:
        return self.full_name or self.name


class Product(models.Model):
    """What is described; a reference product is described but never sold."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"))
    brand = down("core.Brand", _("brand"), null=True, blank=True)
    code = models.CharField(_("product code"), max_length=64)
    kind = EnumField(ProductKind, verbose_name=_("kind"), db_default=ProductKind.GOODS.value)
    status = EnumField(ProductStatus, verbose_name=_("status"), db_default=ProductStatus.DRAFT.value)
    tax_class = down("core.TaxClass", _("tax class"), db_column="tax_class")
    temperature_zone = EnumField(TemperatureZone, verbose_name=_("temperature zone"), db_default=TemperatureZone.AMBIENT.value)
    workflow_profile = text(_("workflow profile"), max_length=40)
    successor_of = models.ForeignKey(
        "self", verbose_name=_("successor of"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    content_quantity = models.PositiveIntegerField(_("content quantity"), null=True, blank=True)
    content_unit = text(_("content unit"), max_length=20)
    use_days = models.PositiveIntegerField(_("expected days of use"), null=True, blank=True)
    position = models.IntegerField(_("position"), db_default=0)
    version = models.PositiveIntegerField(db_default=1, editable=False)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="catalog_product_code_once")]
        indexes = [
            models.Index(fields=["company", "status", "position", "id"], name="catalog_product_shelf"),
            models.Index(fields=["company", "-id"], name="catalog_product_newest"),
        ]

    def __str__(self) -> str:
        return self.code


class ProductText(models.Model):
    """A product's words in one language, with the keys they are found by."""

    product = models.ForeignKey(Product, verbose_name=_("product"), on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=8)
    name = models.CharField(_("name"), max_length=200)
    kana = text(_("reading (kana)"), max_length=200)
    summary = text(_("summary"), max_length=400)
    description = models.TextField(_("description"), blank=True, db_default="", default="")
    keywords = text(_("search words"), max_length=400, help_text=_("Other words people look for, separated by blanks."))
    search_key = models.TextField(blank=True, db_default="", default="", editable=False)
    bigrams = SearchVectorField(null=True, editable=False)

    class Meta:
        verbose_name = _("product text")
        verbose_name_plural = _("product texts")
        constraints = [models.UniqueConstraint(fields=["product", "language"], name="catalog_producttext_language_once")]
        indexes = [
            GinIndex(fields=["search_key"], opclasses=["gin_trgm_ops"], name="catalog_producttext_trigram"),
            GinIndex(fields=["bigrams"], name="catalog_producttext_bigrams"),
        ]

    def __str__(self) -> str:
        return self.name


class ProductImage(models.Model):
    """A picture of a product, told in words for those who cannot see it."""

    product = models.ForeignKey(Product, verbose_name=_("product"), on_delete=models.CASCADE, related_name="images")
    file = models.FileField(_("file"), upload_to="products/", max_length=200, validators=[FileExtensionValidator(PICTURES)])
    alt = text(_("alternative text"), max_length=200)
    position = models.PositiveSmallIntegerField(_("position"), db_default=0)

    class Meta:
        verbose_name = _("product image")
        verbose_name_plural = _("product images")
        indexes = [models.Index(fields=["product", "position", "id"], name="catalog_productimage_order")]

    def __str__(self) -> str:
        return self.alt or str(self.file.name)


class ProductCategory(models.Model):
    """A product's place on a shelf."""

    product = models.ForeignKey(Product, verbose_name=_("product"), on_delete=models.CASCADE, related_name="placements")
    category = models.ForeignKey(Category, verbose_name=_("category"), on_delete=models.PROTECT, related_name="placements")
    is_main = models.BooleanField(_("main category"), db_default=True)

    class Meta:
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        constraints = [
            models.UniqueConstraint(fields=["product", "category"], name="catalog_productcategory_once"),
        ]

    def __str__(self) -> str:
        return f"{self.product} / {self.category}"


class Variant(models.Model):
    """What is sold: a SKU with its price, made of stock items."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"))
    product = models.ForeignKey(Product, verbose_name=_("product"), on_delete=models.PROTECT, related_name="variants")
    sku = models.CharField(_("SKU"), max_length=64)
    jan = text(_("JAN code"), max_length=14)
    option = text(_("option"), max_length=120)
    option_en = text(_("option (English)"), max_length=120)
    weight_grams = models.PositiveIntegerField(_("weight (g)"), null=True, blank=True)
    parcel_size = text(_("parcel size"), max_length=20)
    purchase_types = text(_("purchase types"), max_length=120, help_text=_("Comma-separated; empty means normal purchase only."))
    max_quantity = models.PositiveIntegerField(_("most per order"), null=True, blank=True)
    position = models.IntegerField(_("position"), db_default=0)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    version = models.PositiveIntegerField(db_default=1, editable=False)
    recorded_at = RecordedAtField(verbose_name=_("recorded at"))

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        constraints = [
            models.UniqueConstraint(fields=["company", "sku"], name="catalog_variant_sku_once"),
        ]
        indexes = [
            models.Index(fields=["product", "position", "id"], name="catalog_variant_order"),
            models.Index(fields=["company", "-id"], name="catalog_variant_newest"),
            models.Index(fields=["jan"], name="catalog_variant_jan", condition=~models.Q(jan="")),
        ]

    def __str__(self) -> str:
        return self.sku
