"""The raw contract: the six tables that may describe customers, and their columns.

Types: `identifier` (whole number or text), `date` (a timestamp is cut to its day), `number`,
`boolean`, `text`, `category` (a text out of `choices`).
"""

from dataclasses import dataclass

CONTRACT_TYPES = ("identifier", "date", "number", "boolean", "text", "category")


@dataclass(frozen=True)
class Column:
    """A column of the raw contract.

    Attributes:
        name: Name in the contract.
        type: One of `CONTRACT_TYPES`.
        is_required: Whether a table without the column stops the build.
        meaning: What it holds, and what holds where it is absent.
        choices: Allowed texts of a category.
        aliases: Other usual names, in lower case; they help to propose a mapping.
    """

    name: str
    type: str
    meaning: str
    is_required: bool = False
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table of the raw contract.

    Attributes:
        name: Name of the table, and of the file without its ending.
        columns: Its columns in order.
        one_of: Columns of which at least one is required.
    """

    name: str
    columns: tuple[Column, ...]
    one_of: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """Return the column of that name; raise KeyError when there is none."""
        return next(column for column in self.columns if column.name == name)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all columns."""
        return tuple(column.name for column in self.columns)


_CUSTOMER = Column(
    "customer_id",
    "identifier",
    "who; whole number or text",
    is_required=True,
    aliases=(
        "customer", "cust", "cust_id", "custid", "customerid", "client", "client_id", "account",
        "account_id", "user", "user_id", "member_id", "buyer", "buyer_id", "id",
    ),
)  # fmt: skip

_SALES = Table(
    "sales",
    (
        Column(
            "sale_id", "identifier", "key of the line; made from the row where absent",
            aliases=("line_id", "transaction_id", "order_line_id"),
        ),
        _CUSTOMER,
        Column(
            "sold_on", "date", "day of the sale", is_required=True,
            aliases=(
                "date", "sale_date", "order_date", "orderdate", "purchase_date", "invoice_date",
                "invoicedate", "transaction_date", "day", "sold_at", "ordered_at", "order_day",
                "created_at", "timestamp", "datetime", "time",
            ),
        ),
        Column(
            "product_type", "category", "consumable where absent",
            choices=("consumable", "sensor", "device", "accessory"),
            aliases=("type", "category", "product_category"),
        ),
        Column(
            "product_id", "identifier", "what was sold; may be absent",
            aliases=("product", "sku", "item", "item_id", "stockcode", "stock_code", "article"),
        ),
        Column(
            "quantity", "number", "units; may be absent",
            aliases=("qty", "units", "count", "number", "pieces", "items"),
        ),
        Column(
            "amount", "number", "money; may be absent",
            aliases=(
                "amt", "price", "total", "value", "revenue", "sales", "dollars", "money",
                "net_amount", "total_price", "line_total", "spent",
            ),
        ),
        Column(
            "is_return", "boolean", "whether it came back; a negative quantity where absent",
            aliases=("return", "returned", "refund", "is_refund"),
        ),
    ),
    one_of=("quantity", "amount"),
)  # fmt: skip

_COMPLAINT = Table(
    "complaint",
    (
        Column("complaint_id", "identifier", "key; made from the row where absent"),
        _CUSTOMER,
        Column("opened_on", "date", "day it was opened", is_required=True),
        Column("closed_on", "date", "day it was closed; null while open"),
        Column("reason", "text", "reason in words or as a code; may be absent"),
        Column("is_harm", "boolean", "whether somebody came to harm; false where absent"),
    ),
)

_TOUCHPOINT = Table(
    "touchpoint",
    (
        Column("touchpoint_id", "identifier", "key; made from the row where absent"),
        _CUSTOMER,
        Column("occurred_on", "date", "day of the contact", is_required=True),
        Column(
            "direction", "category", "who began it; inbound where absent",
            choices=("inbound", "outbound"),
        ),
        Column("channel", "text", "telephone, mail and so on; may be absent"),
        Column("has_note", "boolean", "whether staff wrote a note; false where absent"),
    ),
)  # fmt: skip

_STARTRIGHT = Table(
    "startright",
    (
        Column("event_id", "identifier", "key; made from the row where absent"),
        _CUSTOMER,
        Column("occurred_on", "date", "day of the event", is_required=True),
        Column(
            "event_type", "category", "step of the programme; enrolled where absent",
            choices=("enrolled", "session", "completed", "withdrawn"),
        ),
    ),
)  # fmt: skip

_WARRANTY = Table(
    "warranty",
    (
        Column("warranty_id", "identifier", "key; made from the row where absent"),
        _CUSTOMER,
        Column("device_serial", "identifier", "device; may be absent"),
        Column("starts_on", "date", "first day", is_required=True),
        Column("ends_on", "date", "last day", is_required=True),
    ),
)

_DEMOGRAPHICS = Table(
    "demographics",
    (
        _CUSTOMER,
        Column("valid_from", "date", "day from which the row holds; see docs/your-data.md"),
        Column("birth_date", "date", "day of birth; may be absent"),
        Column("insulin_since", "date", "first day on insulin; may be absent"),
        Column("region", "text", "region; may be absent"),
        Column(
            "payer_type", "category", "who pays; may be absent",
            choices=(
                "commercial", "generic_other", "managed_medicaid", "managed_medicare",
                "medicare", "pharmacy", "state_medicaid", "va_military",
            ),
        ),
        Column(
            "diagnosis_type", "category", "diagnosis; may be absent",
            choices=("type_1", "type_2"),
        ),
        Column("is_auto_reorder", "boolean", "automatic re-orders; may be absent"),
    ),
)  # fmt: skip

RAW_TABLES: dict[str, Table] = {
    table.name: table
    for table in (_SALES, _COMPLAINT, _TOUCHPOINT, _STARTRIGHT, _WARRANTY, _DEMOGRAPHICS)
}
