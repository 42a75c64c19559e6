"""Orders that come from outside counters: whose they are, what was handed in, how far each has come, and what goes back."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.rules import PaymentMethod
from core.fields import Actored, EnumField, PublicIdField, RecordedAtField, down, text
from orders.models.fulfilment import Shipment
from orders.models.order import Order
from orders.rules import CodeKind, DocumentState, IntakeFate, IntakeState, NoticeState, NoticeWay, Standing


class OutsideShop(models.Model):
    """A shop of the company at an outside counter: which adapter reads its orders, and into which sales channel they go."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)
    channel = down("core.SalesChannel", _("sales channel"), db_index=False)
    code = models.CharField(_("code"), max_length=40, help_text=_("Names its folder and its address: small letters, digits, hyphens."))
    name = models.CharField(_("name"), max_length=120)
    adapter = models.CharField(_("counter"), max_length=20)
    secret_name = text(
        _("name of its secrets"), max_length=60,
        help_text=_("Under this name the setting INTAKE_SECRETS holds keys and tokens; they never stand in the database."),
    )  # fmt: skip
    default_payment = EnumField(
        PaymentMethod, verbose_name=_("way to pay where its word is not known"), null=True, blank=True,
        help_text=_("Empty: such an order waits for a person."),
    )  # fmt: skip
    tells_by = EnumField(NoticeWay, verbose_name=_("told of parcels"), db_default=NoticeWay.FILE, default=NoticeWay.FILE.value)
    fetch_minutes = models.PositiveSmallIntegerField(
        _("asked for orders every (minutes)"), null=True, blank=True,
        help_text=_("Empty: it is not asked; its orders come by file, webhook or our API."),
    )  # fmt: skip
    mails_buyers = models.BooleanField(
        _("our own mails go to its buyers"), db_default=False, default=False, help_text=_("Most counters write to their buyers themselves.")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("outside shop")
        verbose_name_plural = _("outside shops")
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="orders_outsideshop_code_once"),
            models.UniqueConstraint(fields=["channel"], condition=Q(ended_at=None), name="orders_outsideshop_channel_once"),
            models.CheckConstraint(
                condition=Q(fetch_minutes=None) | Q(fetch_minutes__range=(1, 1440)),
                name="orders_outsideshop_fetch_minutes",
                violation_error_message=_("Write 1 to 1,440 minutes, or nothing."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class IntakeFetch(models.Model):
    """How far a shop's counter was asked for its orders, when it is asked next, and why the last look broke off."""

    shop = models.OneToOneField(OutsideShop, verbose_name=_("outside shop"), on_delete=models.PROTECT, related_name="fetch")
    due_at = models.DateTimeField(_("due at"))
    fetched_until_at = models.DateTimeField(_("fetched until"), null=True, blank=True)
    leased_until = models.DateTimeField(_("taken in hand until"), null=True, blank=True)
    tries = models.PositiveIntegerField(_("tries"), db_default=0)
    order_count = models.PositiveIntegerField(_("orders"), db_default=0)
    answer = text(_("answer"), max_length=300)
    at = models.DateTimeField(_("at"), null=True, blank=True)

    class Meta:
        verbose_name = _("fetching of outside orders")
        verbose_name_plural = _("fetchings of outside orders")
        indexes = [models.Index(fields=["due_at"], name="orders_intakefetch_due")]

    def __str__(self) -> str:
        return str(self.shop_id)


class OutsideArticle(models.Model):
    """Which variant is meant by a shop's product code, where SKU and JAN don't tell."""

    shop = models.ForeignKey(OutsideShop, verbose_name=_("outside shop"), on_delete=models.PROTECT, related_name="articles", db_index=False)
    code = models.CharField(_("outside product code"), max_length=120)
    variant = down("catalog.Variant", _("variant"), db_index=False)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("outside article")
        verbose_name_plural = _("outside articles")
        constraints = [models.UniqueConstraint(fields=["shop", "code"], name="orders_outsidearticle_once")]

    def __str__(self) -> str:
        return self.code


class OutsideCode(models.Model):
    """What a word of a shop means here: a way to pay, a time band, a status; or a carrier, the other way round."""

    shop = models.ForeignKey(OutsideShop, verbose_name=_("outside shop"), on_delete=models.PROTECT, related_name="codes", db_index=False)
    kind = EnumField(CodeKind, verbose_name=_("kind"))
    theirs = models.CharField(_("the counter's word"), max_length=80)
    ours = text(_("ours"), max_length=40)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("outside code")
        verbose_name_plural = _("outside codes")
        constraints = [
            models.UniqueConstraint(fields=["shop", "kind", "theirs"], condition=~Q(kind="carrier"), name="orders_outsidecode_once"),
            models.UniqueConstraint(fields=["shop", "ours"], condition=Q(kind="carrier"), name="orders_outsidecode_carrier_once"),
        ]

    def __str__(self) -> str:
        return f"{self.theirs} = {self.ours}"


class IntakeMap(Actored):
    """How a shop's order file (or the file that goes back) names its columns; never changed: a new version takes its place."""

    shop = models.ForeignKey(OutsideShop, verbose_name=_("outside shop"), on_delete=models.PROTECT, related_name="maps", db_index=False)
    outgoing = models.BooleanField(_("for the file that goes back"), db_default=False, default=False)
    version = models.PositiveIntegerField(_("version"))
    columns = models.TextField(_("columns"), help_text=_("A line each: heading = field."))
    at = models.DateTimeField(_("at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("column map of orders")
        verbose_name_plural = _("column maps of orders")
        constraints = [models.UniqueConstraint(fields=["shop", "outgoing", "version"], name="orders_intakemap_version_once")]

    def __str__(self) -> str:
        return f"v{self.version}"


class IntakeDocument(Actored):
    """Something a counter handed in, byte for byte; the same bytes are taken in once per shop, and so is a signed event."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)
    shop = models.ForeignKey(OutsideShop, verbose_name=_("outside shop"), on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(_("name"), max_length=200)
    source = models.CharField(_("came by"), max_length=20)
    event_ref = text(_("event"), max_length=120)
    state = EnumField(DocumentState, verbose_name=_("state"))
    encoding = text(_("encoding"), max_length=16)
    content = models.BinaryField(_("content"), null=True, blank=True)
    content_hash = models.CharField(_("fingerprint"), max_length=64)
    content_ended_at = models.DateTimeField(_("content thrown away at"), null=True, blank=True)
    map_version = models.PositiveIntegerField(_("version of the column map"), null=True, blank=True)
    order_count = models.PositiveIntegerField(_("orders"), db_default=0)
    new_count = models.PositiveIntegerField(_("new"), db_default=0)
    problem_count = models.PositiveIntegerField(_("unreadable"), db_default=0)
    code = text(_("code"), max_length=80)
    message = text(_("why it could not be read"), max_length=400)
    params = models.JSONField(_("values"), default=dict, blank=True)
    received_at = models.DateTimeField(_("came at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("intake document")
        verbose_name_plural = _("intake documents")
        permissions = [("view_intake_content", _("Can read what counters handed in, with names and addresses"))]
        constraints = [
            models.UniqueConstraint(fields=["shop", "content_hash"], condition=~Q(state="discarded"), name="orders_intakedocument_once"),
            models.UniqueConstraint(fields=["shop", "event_ref"], condition=~Q(event_ref=""), name="orders_intakedocument_event_once"),
        ]
        indexes = [
            models.Index(fields=["company", "-id"], name="orders_intakedocument_newest"),
            models.Index(fields=["id"], condition=Q(state="received"), name="orders_intakedocument_due"),
            models.Index(fields=["received_at"], condition=Q(content_ended_at=None), name="orders_intakedocument_kept"),
        ]

    def __str__(self) -> str:
        return self.name


class IntakeOrder(models.Model):
    """An order of an outside counter, once per channel: what it says now, how far it has come here, and what stands in its way."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)
    shop = models.ForeignKey(OutsideShop, verbose_name=_("outside shop"), on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = down("core.SalesChannel", _("sales channel"), db_index=False)
    outside_number = models.CharField(_("outside number"), max_length=80)
    state = EnumField(IntakeState, verbose_name=_("state"))
    standing = EnumField(Standing, verbose_name=_("state at the counter"))
    document = models.ForeignKey(
        IntakeDocument, verbose_name=_("intake document"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    row = models.PositiveIntegerField(_("row of the document"))
    part = models.TextField(_("as it was told"), blank=True, db_default="")
    said = models.JSONField(_("as we read it"), default=dict, blank=True)
    digest = models.CharField(_("fingerprint"), max_length=64)
    said_at = text(_("last changed there at"), max_length=40)
    listed_as = text(_("as the list named it"), max_length=40)
    """What the counter's list told of it (a moment, a state) when it was last fetched."""
    looked_at = models.DateTimeField(_("last fetched at"), null=True, blank=True)
    total = models.BigIntegerField(_("total"), db_default=0)
    order = models.ForeignKey(
        Order, verbose_name=_("order"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    agreed = models.JSONField(_("as it was placed"), default=dict, blank=True)
    agreed_digest = text(_("fingerprint of what was placed"), max_length=64)
    code = text(_("code"), max_length=80)
    message = text(_("what stands in its way"), max_length=400)
    params = models.JSONField(_("values"), default=dict, blank=True)
    field = text(_("field"), max_length=200)
    changed_at = models.DateTimeField(_("changed there at"), null=True, blank=True)
    tries = models.PositiveIntegerField(_("tries"), db_default=0)
    leased_until = models.DateTimeField(_("taken in hand until"), null=True, blank=True)
    received_at = models.DateTimeField(_("came at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("outside order")
        verbose_name_plural = _("outside orders")
        permissions = [("work_intake", _("Can take in outside orders and work them off"))]
        constraints = [models.UniqueConstraint(fields=["channel", "outside_number"], name="orders_intakeorder_once")]
        indexes = [
            models.Index(fields=["company", "state", "-id"], name="orders_intakeorder_state"),
            models.Index(fields=["id"], condition=Q(state__in=["new", "cancelling"]), name="orders_intakeorder_due"),
            models.Index(fields=["order"], condition=Q(order__isnull=False), name="orders_intakeorder_order"),
            models.Index(fields=["document"], name="orders_intakeorder_document"),
        ]

    def __str__(self) -> str:
        return self.outside_number


class IntakeRow(models.Model):
    """What became of an order that a document told of, with every fault where it could not be read."""

    document = models.ForeignKey(
        IntakeDocument, verbose_name=_("intake document"), on_delete=models.CASCADE, related_name="rows", db_index=False
    )
    number = models.PositiveIntegerField(_("row of the document"))
    outside_number = text(_("outside number"), max_length=80)
    fate = EnumField(IntakeFate, verbose_name=_("what became of it"))
    code = text(_("code"), max_length=80)
    message = text(_("message"), max_length=400)
    params = models.JSONField(_("values"), default=dict, blank=True)
    field = text(_("field"), max_length=200)

    class Meta:
        verbose_name = _("line of an intake document")
        verbose_name_plural = _("lines of intake documents")
        indexes = [
            models.Index(fields=["document", "number"], name="orders_intakerow_document"),
            models.Index(fields=["outside_number"], condition=~Q(outside_number=""), name="orders_intakerow_order"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id}:{self.number}"


class OutsideNotice(models.Model):
    """That a parcel left, on its way to the counter its order came from; once per parcel."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)
    shop = models.ForeignKey(OutsideShop, verbose_name=_("outside shop"), on_delete=models.PROTECT, related_name="+", db_index=False)
    shipment = models.OneToOneField(Shipment, verbose_name=_("shipment"), on_delete=models.PROTECT, related_name="+")
    intake_order = models.ForeignKey(
        IntakeOrder, verbose_name=_("outside order"), on_delete=models.PROTECT, related_name="notices", db_index=False
    )
    way = EnumField(NoticeWay, verbose_name=_("told"))
    state = EnumField(NoticeState, verbose_name=_("state"), db_default=NoticeState.DUE)
    tries = models.PositiveIntegerField(_("tries"), db_default=0)
    due_at = models.DateTimeField(_("to be told from"))
    leased_until = models.DateTimeField(_("taken in hand until"), null=True, blank=True)
    sent_at = models.DateTimeField(_("told the counter at"), null=True, blank=True)
    file = models.ForeignKey(
        "orders.NoticeFile", verbose_name=_("file"), null=True, blank=True, on_delete=models.PROTECT, related_name="notices", db_index=False
    )
    answer = text(_("answer"), max_length=300)
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("shipping notice")
        verbose_name_plural = _("shipping notices")
        indexes = [
            models.Index(fields=["company", "-id"], name="orders_outsidenotice_newest"),
            models.Index(fields=["due_at", "id"], condition=Q(state="due"), name="orders_outsidenotice_due"),
            models.Index(fields=["intake_order"], name="orders_outsidenotice_order"),
            models.Index(fields=["file"], condition=Q(file__isnull=False), name="orders_outsidenotice_file"),
        ]

    def __str__(self) -> str:
        return f"{self.shipment_id}"


class NoticeFile(Actored):
    """A file with which a counter is told what left, as it was written."""

    public_id = PublicIdField()
    company = down("core.Company", _("company"), db_index=False)
    shop = models.ForeignKey(OutsideShop, verbose_name=_("outside shop"), on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(_("name"), max_length=200)
    content = models.BinaryField(_("content"))
    row_count = models.PositiveIntegerField(_("rows"))
    handed_over_at = models.DateTimeField(_("put into its folder at"), null=True, blank=True)
    at = models.DateTimeField(_("at"))
    recorded_at = RecordedAtField()

    class Meta:
        verbose_name = _("file of shipping notices")
        verbose_name_plural = _("files of shipping notices")
        indexes = [models.Index(fields=["company", "-id"], name="orders_noticefile_newest")]

    def __str__(self) -> str:
        return self.name
