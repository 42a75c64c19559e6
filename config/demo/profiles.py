"""What the demo company's orders need by kind of goods: gifts ask for their givers, what comes regularly for its terms."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from billing.rules import PaymentMethod
from catalog.models import Product
from config.demo.finding import Cast
from core.actor import SYSTEM
from core.db import acting
from core.ids import new_id
from core.queries import forget_kept
from orders.models import WorkflowProfile
from orders.operations import place_orders
from orders.rules import Attribution, DraftDestination, DraftLine, GiftWish, OrderDraft, Placed, PurchaseForm

GIFT, REGULAR = "gift", "regular"
GIFTS: Final = ("GIFT-TEA3", "GIFT-SWEET", "GIFT-CARE")
REGULARS: Final = ("TEA-SENCHA", "TEA-HOJI", "FOOD-AOJIRU")
GIFT_SCRIPT = "のし・お名前・お届け日・納品書の金額の有無を伺います。\n備考にご要望があれば、お答えするまで保留になります。"
REGULAR_SCRIPT = "二回目からの金額、お届けの間隔、お休みと解約の締切（5日前）をお伝えし、ご了承をいただきます。"


def write_profiles(company_id: int) -> None:
    """Two profiles stand and goods name them: gift-led goods whose remarks are answered, regular goods whose terms are confirmed."""
    with acting(SYSTEM, reason="demo"):
        WorkflowProfile.objects.create(
            company_id=company_id, code=GIFT, name="ギフト主体", needs_answer=True, script=GIFT_SCRIPT,
        )  # fmt: skip
        WorkflowProfile.objects.create(
            company_id=company_id, code=REGULAR, form=PurchaseForm.SUBSCRIPTION, name="定期主体", needs_confirmation=True,
            noshi="refused", script=REGULAR_SCRIPT,
        )  # fmt: skip
        for code, goods in ((GIFT, GIFTS), (REGULAR, REGULARS)):
            Product.objects.filter(company_id=company_id, code__in=goods).update(workflow_profile=code)
    forget_kept()


def tell_profiles(cast: Cast, *, now: datetime) -> None:
    """The profiles, and a gift whose giver asks something: it waits for the answer."""
    write_profiles(cast.house.company_id)
    buyer = cast.people[16]
    draft = OrderDraft(
        company_id=cast.house.company_id, channel_id=cast.house.channels["phone"], customer_id=buyer.customer_id, person=buyer.person,
        lines=(DraftLine(sku="GIFT-TEA3-3", attribution=Attribution(route_medium="phone")),),
        destinations=(DraftDestination(place=replace(buyer.place), gift=GiftWish(noshi="oseibo", names=(buyer.person.family_name,))),),
        payment_method=PaymentMethod.BANK_TRANSFER, cart_ref=new_id(), remark="のしの名前を会社名と二行にできますか。",
    )  # fmt: skip
    (answer,) = place_orders([draft], actor=cast.staff.actor("order_desk"), at=now - timedelta(hours=3))
    if not isinstance(answer, Placed):
        raise RuntimeError(f"The demo's own deed was refused: {answer.code} {answer.reasons[0].text()}")
