"""From cart to order."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from billing.rules import PaymentMethod
from core.actor import Actor
from core.db import LockSpace, lock_advisory, operation, rows, run
from core.errors import Refusal
from core.ids import new_id
from core.queries import SiteContext
from customers.operations import link_accounts, register_customers
from customers.queries import customers_of_account
from customers.rules import LinkAccount, LinkEvidence, NewCustomer, Person
from inventory.operations import end_reservations, extend_reservations, reserve_stock
from inventory.queries import planned, supply_for
from inventory.rules import Demand, must_wait
from orders.operations import Quote, ServiceChoice, place_orders, quote_orders, quote_services
from orders.queries import pickup_stores
from orders.rules import Attribution, Confirmation, DraftDestination, DraftLine, Gate, OrderDraft, Placed, Refused, SubscriptionWish, Sums
from storefront.operations.carts import close_cart, keep_coupon
from storefront.queries import CartLineView, CartView
from storefront.rules import CheckoutData, dealt_out, person_of, place_of

HELD_FOR = timedelta(minutes=15)
"""So long a checkout holds its goods after the last page that was looked at; in all no longer than its site says."""
HELD_ANEW_AFTER = timedelta(days=1)
"""A cart whose time is up holds again a day after it first did."""


@operation
def hold_cart(cart: CartView, said: CheckoutData, *, site: SiteContext, actor: Actor, at: datetime) -> datetime | Refusal | None:
    """What lies in the cart is held for its buyer alone for a while from now; every further page of the checkout extends it.

    Answers until when; None once it was held as long as the site allows, whatever became of it in between: from then on the goods
    are for whoever orders first. All that is here is held or nothing, once per cart; a line whose buyer would wait for it holds
    nothing while it is not here. A cart that changes holds nothing until this is called again. Refuses with
    "inventory.out_of_stock". The order takes what is held; without one the sweeper ends it. Locks the cart, then as ``reserve_stock``.
    """
    assert site.channel is not None
    known = rows("SELECT held_since FROM storefront_cart WHERE public_id = %s AND state = 'open' FOR UPDATE", (cart.public_id,))
    if not known:
        return None
    since = known[0].held_since
    if since is not None and at >= since + HELD_ANEW_AFTER:
        since = None
    last = (since or at) + timedelta(minutes=site.holds_at_most_minutes)
    if at >= last:
        return None
    until = min(at + HELD_FOR, last)
    if extend_reservations([cart.public_id], until=until, actor=actor, at=at):
        return until
    variants = [line.variant_id for line in cart.lines]
    supply = supply_for(variants, company_id=site.company.id, channel_id=site.channel.id, at=at, pickup_at=said.pickup_at_id)
    lines = [(new_id(), line) for line in cart.lines if line.variant_id in supply.parts]
    wants = [
        Demand(order_key=0, demand_id=ref, variant_id=line.variant_id, quantity=line.quantity, prefecture=said.prefecture)
        for ref, line in lines
    ]
    here, _waiting = must_wait(wants, {ref for ref, line in lines if not line.is_subscription}, supply=supply, plan=planned)
    (held,) = reserve_stock([(cart.public_id, here)], supply=supply, until=until, actor=actor, at=at)
    if isinstance(held, Refusal):
        return held
    if since is None and here:
        run("UPDATE storefront_cart SET held_since = %s WHERE public_id = %s", (at, cart.public_id))
    return held.until


@operation
def release_cart(cart: CartView, *, actor: Actor, at: datetime) -> None:
    """What the checkout held is held no more: it is fetched elsewhere, or sent after all."""
    end_reservations([cart.public_id], actor=actor, at=at)


def draft_of(
    cart: CartView,
    said: CheckoutData,
    *,
    site: SiteContext,
    customer_id: int | None,
    language: str,
    agreed: Mapping[int, date] | None = None,
) -> OrderDraft:
    """The order that this cart and checkout amount to; prices, fees and tax are the house's, never the browser's.

    ``agreed`` are the days the buyer was shown for what is not here, by variant; None asks for any day, to show it.
    """
    assert site.channel is not None
    person = person_of(said, language=language)
    destinations, shares = _destinations(cart, said, site=site)
    return OrderDraft(
        company_id=site.company.id,
        channel_id=site.channel.id,
        site_id=site.id,
        brand_id=site.brand_id,
        customer_id=customer_id,
        account_id=cart.account_id,
        person=person,
        lines=tuple(
            DraftLine(
                variant_id=line.variant_id,
                quantity=quantity,
                destination=destination,
                purchase_type=line.purchase_type,
                cycle=1 if line.is_subscription else None,
                subscription=SubscriptionWish(plan_code=line.plan_code, interval=line.interval) if line.is_subscription else None,
                waits_until=None
                if line.is_subscription or said.pickup_at_id
                else date.max
                if agreed is None
                else agreed.get(line.variant_id),
                attribution=Attribution(ad_code=line.ad_code, route_medium="web"),
            )
            for line, destination, quantity in shares
        ),
        destinations=destinations,
        payment_method=PaymentMethod(said.payment_method or PaymentMethod.CASH_ON_DELIVERY),
        means_id=said.means_id if said.payment_method == PaymentMethod.CARD else None,
        language=language,
        cart_ref=cart.public_id,
        remark=said.remark,
        coupon_codes=(cart.coupon_code,) if cart.coupon_code else (),
    )


def _destinations(
    cart: CartView, said: CheckoutData, *, site: SiteContext
) -> tuple[tuple[DraftDestination, ...], list[tuple[CartLineView, int, int]]]:
    """Where everything goes, and how many of each line go to which of them."""
    whole = [(line, 1, line.quantity) for line in cart.lines]
    if said.pickup_at_id is not None:
        store = next(iter(pickup_stores(site.company.id, ids=[said.pickup_at_id])), None)
        place = store.address_for(place_of(said)) if store else place_of(said)
        return (DraftDestination(place=place, pickup_at_id=said.pickup_at_id),), whole
    if not cart.places or cart.subscribes:
        # A contract keeps no service: its later deliveries go by the house's choice, and the first one as they do.
        service = "" if cart.subscribes else said.service
        return (DraftDestination(place=place_of(said), wished_on=said.wished_on, time_band=said.time_band, service=service),), whole
    shares = [(cart.lines[dealt.line], dealt.destination, dealt.quantity) for dealt in dealt_out(_counted(cart), cart.places)]
    return tuple(place.as_destination() for place in cart.places), shares


def _counted(cart: CartView) -> list[tuple[int, int]]:
    return [(line.variant_id, line.quantity) for line in cart.lines]


def split_lines(cart: CartView, said: CheckoutData) -> list[int]:
    """For every line of the order that the cart amounts to, the place of the cart's line it comes from."""
    if said.pickup_at_id is not None or not cart.places or cart.subscribes:
        return list(range(len(cart.lines)))
    return [dealt.line for dealt in dealt_out(_counted(cart), cart.places)]


def quote_cart(
    cart: CartView, said: CheckoutData, *, site: SiteContext, customer_id: int | None, language: str, at: datetime
) -> Quote | Refused:
    """What the cart costs now, with what stands in its way. Writes nothing."""
    return quote_orders([draft_of(cart, said, site=site, customer_id=customer_id, language=language)], at=at)[0]


def coupon_fault(answer: Quote | Refused | Placed) -> Refusal | None:
    """Why the coupon of a cart cannot be used, if that is what stands in the way."""
    reasons = answer.reasons if isinstance(answer, Refused) else ()
    return next((reason for reason in reasons if reason.field.startswith("/coupon_codes")), None)


def apply_coupon(
    cart: CartView, code: str, *, site: SiteContext, customer_id: int | None, language: str, actor: Actor, at: datetime
) -> Refusal | None:
    """The cart carries the code from now on, or none (""); one that takes nothing off it is answered with why, and the cart stays as it is."""
    if code:
        answer = quote_cart(
            replace(cart, coupon_code=code), cart.checkout or CheckoutData(), site=site, customer_id=customer_id, language=language, at=at
        )
        if (fault := coupon_fault(answer)) is not None:
            return fault
    keep_coupon(cart.public_id, code, actor=actor, at=at)
    return None


def services_for(
    cart: CartView, said: CheckoutData, *, site: SiteContext, customer_id: int | None, language: str, at: datetime
) -> tuple[ServiceChoice, ...]:
    """The delivery services that this cart's buyer may choose from; none where there is no choice, or a contract could not keep it. Writes nothing."""
    if cart.subscribes or cart.places:
        return ()
    return quote_services(draft_of(cart, said, site=site, customer_id=customer_id, language=language), at=at)


def quote_later(
    cart: CartView, said: CheckoutData, *, places: Sequence[int], site: SiteContext, customer_id: int | None, language: str, at: datetime
) -> dict[int, Sums]:
    """What the second delivery of each subscription line comes to at today's prices, postage and charges included. Writes nothing."""
    if not places:
        return {}
    draft = draft_of(cart, replace(said, wished_on=None), site=site, customer_id=customer_id, language=language)
    # As its contract will order it: a later delivery is never refused for its day, and goes as well as it can.
    drafts = [replace(draft, lines=(replace(draft.lines[n], cycle=2),), coupon_codes=(), days_agreed=True) for n in places]
    return {n: quote.sums for n, quote in zip(places, quote_orders(drafts, at=at), strict=True) if isinstance(quote, Quote)}


def place_cart(
    cart: CartView,
    said: CheckoutData,
    *,
    site: SiteContext,
    language: str,
    confirmation: Confirmation,
    expected_total: int,
    agreed: Mapping[int, date],
    told: tuple[Gate, ...] = (),
    actor: Actor,
    at: datetime,
) -> Placed | Refused:
    """The cart is an order, once, however often it is submitted; a refusal leaves cart and checkout as they are.

    What is not here is ordered if it comes by the day that was agreed. A cart paid by card is closed when its payment is known, so that a declined one can go on (`renew_cart`).
    """
    customer_id = buyer_of(cart, said, site=site, language=language, actor=actor, at=at)
    draft = draft_of(cart, said, site=site, customer_id=customer_id, language=language, agreed=agreed)
    (result,) = place_orders([replace(draft, confirmation=confirmation, expected_total=expected_total, told=told)], actor=actor, at=at)
    if isinstance(result, Placed) and draft.payment_method is not PaymentMethod.CARD:
        close_cart(cart.public_id, order_id=result.order_id, actor=actor, at=at)
    return result


def buyer_of(cart: CartView, said: CheckoutData, *, site: SiteContext, language: str, actor: Actor, at: datetime) -> int | None:
    """The ledger entry of who is signed in, made now if this is their first purchase here; None for a guest."""
    if cart.account_id is None:
        return None
    found = customers_of_account(cart.account_id, company_id=site.company.id)
    return found[0] if found else _customer_of_new_buyer(cart.account_id, said, site=site, language=language, actor=actor, at=at)


@operation
def _customer_of_new_buyer(
    account_id: int, said: CheckoutData, *, site: SiteContext, language: str, actor: Actor, at: datetime
) -> int | None:
    """Somebody who is signed in and buys here for the first time gets a ledger entry of their own, linked to the account.

    They are never taken for somebody known by name and phone alone: the past of a customer opens by evidence only.
    """
    lock_advisory(LockSpace.CUSTOMER_RECOGNITION, f"account:{account_id}:{site.company.id}")
    if found := customers_of_account(account_id, company_id=site.company.id):
        return found[0]
    draft = NewCustomer(
        company_id=site.company.id,
        channel_id=site.channel.id if site.channel else None,
        person=Person(
            family_name=said.family_name,
            given_name=said.given_name,
            family_kana=said.family_kana,
            given_kana=said.given_kana,
            email=said.email,
            phone=said.phone,
            language=language,
        ),
    )
    (registered,) = register_customers([draft], actor=actor, at=at)
    if isinstance(registered, Refusal):
        return None
    link = LinkAccount(customer_id=registered.customer_id, account_id=account_id, evidence=LinkEvidence.SIGNED_IN_PURCHASE)
    link_accounts([link], actor=actor, at=at)
    return registered.customer_id
