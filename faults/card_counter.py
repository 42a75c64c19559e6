"""A counter in a process of its own: asks for the cards of these orders, as the shop does after placing them."""

import sys

import django


def main() -> None:
    django.setup()
    from core import clock
    from core.actor import SYSTEM
    from orders.operations import take_payments

    for answer in take_payments([int(given) for given in sys.argv[1:]], actor=SYSTEM, at=clock.now()):
        print(answer.order_id, answer.outcome, answer.code, flush=True)


if __name__ == "__main__":
    main()
