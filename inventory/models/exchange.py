"""Files that came in or went out, with what became of each row."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import Actored, EnumField, PublicIdField, RecordedAtField, down, text
from inventory.models.goods import Location
from inventory.rules import FileEncoding, FileStatus, FileWay, RowFate


class ExchangeFile(Actored):
    """A file as it came in or went out, byte for byte; one content is taken in once per purpose."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)
    location = models.ForeignKey(
        Location, verbose_name=_("location"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(_("kind of file"), max_length=40)
    way = EnumField(FileWay, verbose_name=_("direction"))
    status = EnumField(FileStatus, verbose_name=_("status"))
    name = models.CharField(_("file name"), max_length=200)
    about = text(_("for"), max_length=80)
    encoding = text(_("encoding"), max_length=16)
    content = models.BinaryField(_("content"))
    content_hash = models.CharField(_("fingerprint"), max_length=64)
    content_ended_at = models.DateTimeField(_("content thrown away at"), null=True, blank=True)
    handed_over_at = models.DateTimeField(_("put into its folder at"), null=True, blank=True)
    row_count = models.PositiveIntegerField(_("rows"), db_default=0)
    refused_count = models.PositiveIntegerField(_("refused"), db_default=0)
    replaced_count = models.PositiveIntegerField(_("signs replaced"), db_default=0)
    at = models.DateTimeField(_("at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("exchanged file")
        verbose_name_plural = _("exchanged files")
        permissions = [("exchange_files", _("Can exchange files with warehouses"))]
        constraints = [
            # Where nothing was taken in, the same file may be handed in again.
            models.UniqueConstraint(
                fields=["company", "kind", "about", "content_hash"],
                condition=Q(way="in", status="done"),
                name="inventory_exchangefile_in_once",
            )
        ]
        indexes = [models.Index(fields=["company", "kind", "-id"], name="inventory_exchangefile_newest")]

    def __str__(self) -> str:
        return self.name


class ExchangeRow(models.Model):
    """What became of a row of a file, in words for people; rows of an outgoing file that need a person stand here too."""

    file = models.ForeignKey(ExchangeFile, verbose_name=_("exchanged file"), on_delete=models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField(_("line"))
    key = text(_("about"), max_length=120)
    column = text(_("column"), max_length=80)
    fate = EnumField(RowFate, verbose_name=_("what became of it"))
    code = text(_("code"), max_length=80)
    message = text(_("message"), max_length=400)
    params = models.JSONField(_("values"), default=dict)

    class Meta:
        verbose_name = _("row of an exchanged file")
        verbose_name_plural = _("rows of exchanged files")
        indexes = [models.Index(fields=["file", "number"], name="inventory_exchangerow_file")]

    def __str__(self) -> str:
        return f"{self.file_id}:{self.number}"


class ColumnMap(Actored):
    """How a kind of file names its columns at a location, or everywhere; never changed: a new version takes its place."""

    company = down("core.Company", _("company"), db_index=False)
    location = models.ForeignKey(
        Location, verbose_name=_("location"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(_("kind of file"), max_length=40)
    version = models.PositiveIntegerField(_("version"))
    encoding = EnumField(FileEncoding, verbose_name=_("encoding"), db_default=FileEncoding.CP932.value)
    file_name = models.CharField(_("beginning of the file name"), max_length=40)
    at = models.DateTimeField(_("at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("column map")
        verbose_name_plural = _("column maps")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "kind", "location", "version"], nulls_distinct=False, name="inventory_columnmap_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} v{self.version}"


class MappedColumn(models.Model):
    """A column of a map: our field under the partner's heading, or the same words in every row."""

    column_map = models.ForeignKey(
        ColumnMap, verbose_name=_("column map"), on_delete=models.PROTECT, related_name="columns", db_index=False
    )
    position = models.PositiveSmallIntegerField(_("position"))
    heading = models.CharField(_("heading"), max_length=80)
    field = text(_("our field"), max_length=40)
    constant = text(_("same in every row"), max_length=80)
    date_pattern = text(_("how days are written"), max_length=20)
    most_bytes = models.PositiveSmallIntegerField(_("most bytes"), db_default=0)
    codes = models.TextField(_("codes"), blank=True, db_default="")

    class Meta:
        verbose_name = _("column of a map")
        verbose_name_plural = _("columns of maps")
        constraints = [models.UniqueConstraint(fields=["column_map", "position"], name="inventory_mappedcolumn_once")]

    def __str__(self) -> str:
        return self.heading


class ExchangeFolder(models.Model):
    """A location whose files come and go through a folder: in, out, done, failed, below the installation's exchange folder."""

    location = models.OneToOneField(Location, verbose_name=_("location"), on_delete=models.PROTECT, related_name="folder")
    is_active = models.BooleanField(_("in use"), db_default=True, default=True)
    gives = text(_("kinds that go out by themselves"), max_length=200)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("exchange folder")
        verbose_name_plural = _("exchange folders")

    def __str__(self) -> str:
        return str(self.location)
