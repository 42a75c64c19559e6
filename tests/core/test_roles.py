"""Staff roles: the matrix names only what exists, and each role may do its work and no more."""

from io import StringIO

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command

from config.staff_roles import ADMINISTRATOR, COLUMNS, MATRIX, ROLES, Right, WrongMatrix, matrix, seed_roles, written
from customers.models import Account

VERBS = [
    # permission                     who, besides the administrator
    ("orders.place_order", {"order_desk", "support", "concierge", "store_staff"}),
    ("orders.cancel_order", {"order_desk", "support", "store_staff"}),
    ("orders.release_hold", {"order_desk", "accounting"}),
    ("orders.ship_shipment", {"order_desk", "store_staff", "warehouse"}),
    ("inventory.adjust_stock", {"store_staff", "warehouse"}),
    ("inventory.receive_stock", {"store_staff", "warehouse"}),
    ("billing.record_payment", {"store_staff", "accounting"}),
    ("billing.refund_payment", {"accounting"}),
    ("billing.reverse_payment", {"accounting"}),
    ("billing.issue_creditnote", {"accounting"}),
    ("customers.view_personal", {"order_desk", "support", "concierge", "store_staff", "accounting"}),
    ("customers.export_personal", {"support"}),
    ("customers.merge_customer", {"order_desk", "support"}),
    ("customers.erase_customer", set()),
]


@pytest.mark.parametrize(("permission", "roles"), VERBS)
def test_a_verb_belongs_to_the_roles_whose_work_it_is(permission, roles):
    holders = {role for role, rights in matrix().items() if permission in {str(right) for right in rights}}

    assert holders == roles | {ADMINISTRATOR}


def test_every_model_and_verb_of_ours_is_decided_upon():
    named = {line.split()[0] for line in MATRIX.splitlines() if line and not line.startswith("#")}
    ours = [model._meta for app in settings.APPS for model in apps.get_app_config(app).get_models()]
    wanted = {meta.label_lower for meta in ours} | {f"{meta.label_lower}.{verb}" for meta in ours for verb, _words in meta.permissions}

    assert wanted - named == set(), "add a line to MATRIX in config/staff_roles.py; dots where only the administrator may"


def test_the_matrix_is_printed_for_people():
    page = written()
    print(page)

    assert all(role[:5] in page.splitlines()[0] for role in ROLES)
    assert next(line for line in page.splitlines() if line.startswith("orders.cancel_order")).split()[1:] == [
        "x",
        "x",
        "x",
        ".",
        "x",
        ".",
        ".",
        ".",
        ".",
    ]


def test_a_viewer_changes_nothing_and_sees_no_personal_data_in_full():
    assert {right.codename.split("_")[0] for right in matrix()["viewer"]} == {"view"}
    assert "customers.view_personal" not in {str(right) for right in matrix()["viewer"]}


def test_nobody_deletes_and_nobody_adds_to_ledgers_by_hand():
    for role in COLUMNS:
        names = {str(right) for right in matrix()[role]}
        assert not {name for name in names if ".delete_" in name}
        assert not names & {
            "inventory.add_movement",
            "billing.add_posting",
            "billing.add_entry",
            "inventory.change_stock",
            "orders.change_order",
        }


def test_everybody_who_may_change_or_add_may_also_look():
    for role, rights in matrix().items():
        for right in rights:
            if right.codename.startswith(("add_", "change_")):
                assert Right(right.app, right.model, f"view_{right.model}") in rights, (role, right)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("orders.unicorn " + "v " * 8, "model orders.unicorn, which doesn't exist"),
        ("orders.order.fly_order " + "x " * 8, "orders.order doesn't declare it"),
        ("orders.order v v", "has 2 cells"),
        ("orders.order " + "x " * 8, "says “x”"),
        ("orders.order.cancel_order " + "v " * 8, "says “v”"),
    ],
)
def test_a_wrong_line_is_named_with_what_to_do(line, complaint):
    with pytest.raises(WrongMatrix) as wrong:
        matrix("\n" + line)

    assert complaint in str(wrong.value)
    assert "Line 2" in str(wrong.value)


def test_a_name_is_decided_upon_once():
    with pytest.raises(WrongMatrix, match=r"Line 2 .* orders\.order again: line 1"):
        matrix("orders.order " + "v " * 8 + "\norders.order " + "vac " * 8)


@pytest.mark.django_db
def test_seeding_twice_leaves_the_same_groups_and_takes_back_what_was_given_by_hand():
    first = seed_roles()
    rights = {role: set(group.permissions.values_list("pk", flat=True)) for role, group in first.items()}
    first["viewer"].permissions.set(first[ADMINISTRATOR].permissions.all())

    second = seed_roles()

    assert {role: set(group.permissions.values_list("pk", flat=True)) for role, group in second.items()} == rights
    assert set(Group.objects.values_list("name", flat=True)) == set(ROLES.values())


@pytest.mark.django_db
def test_a_member_of_staff_may_do_what_their_role_may():
    account = Account.objects.create_user("mori", "secret", kind="staff", is_staff=True)
    account.groups.add(seed_roles()["warehouse"])

    assert account.has_perm("orders.ship_shipment")
    assert not account.has_perm("orders.cancel_order")
    assert not account.has_perm("customers.view_personal")


@pytest.mark.django_db
def test_the_command_says_what_each_role_got():
    said = StringIO()

    call_command("seed_roles", stdout=said)

    assert all(f"{name} ({role})" in said.getvalue() for role, name in ROLES.items())
