"""What Snowflake would refuse, or take for something else, in SQL that the emulator runs.

Nothing is run here: statements are read with sqlglot as Snowflake reads them. `refused` looks at
one statement by itself, `Warehouse` also resolves names and types over the models before it.
sqlglot is lenient (it parses much of other dialects whatever it is told), so what was written is
held against lists of what Snowflake documents.
"""

import csv
import graphlib
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import sqlglot
from attrition import schemas
from sqlglot import exp
from sqlglot.errors import OptimizeError, ParseError, TokenError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.schema import MappingSchema
from sqlglot.tokens import Token, TokenType

FUNCTIONS = frozenset(
    line.strip().upper()
    for line in (Path(__file__).parent / "snowflake_functions.txt").read_text().splitlines()
    if line.strip() and not line.startswith("#")
)


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


TYPES = _listed("""
    NUMBER DECIMAL DEC NUMERIC INT INTEGER BIGINT SMALLINT TINYINT BYTEINT FLOAT FLOAT4 FLOAT8
    DOUBLE REAL DECFLOAT VARCHAR CHAR CHARACTER NCHAR NVARCHAR NVARCHAR2 STRING TEXT BINARY
    VARBINARY BOOLEAN DATE DATETIME TIME TIMESTAMP TIMESTAMP_LTZ TIMESTAMP_NTZ TIMESTAMP_TZ
    TIMESTAMPLTZ TIMESTAMPNTZ TIMESTAMPTZ VARIANT OBJECT ARRAY MAP GEOGRAPHY GEOMETRY VECTOR
""") | {"CHAR VARYING", "CHARACTER VARYING", "DOUBLE PRECISION"}
# Cannot name a column or a relation without quotes there.
RESERVED = _listed("""
    ALL ALTER AND ANY AS BETWEEN BY CASE CAST CHECK COLUMN CONNECT CONSTRAINT CREATE CROSS CURRENT
    CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DELETE DISTINCT DROP ELSE EXISTS FALSE
    FOLLOWING FOR FROM FULL GRANT GROUP GSCLUSTER HAVING ILIKE IN INCREMENT INNER INSERT INTERSECT
    INTO IS ISSUE JOIN LATERAL LEFT LIKE LOCALTIME LOCALTIMESTAMP MINUS NATURAL NOT NULL OF ON OR
    ORDER ORGANIZATION QUALIFY REGEXP REVOKE RIGHT RLIKE ROW ROWS SAMPLE SELECT SET SOME START TABLE
    TABLESAMPLE THEN TO TRIGGER TRUE TRY_CAST UNION UNIQUE UPDATE USING VALUES WHEN WHENEVER WHERE
    WITH
""")
# What may follow AS and names nothing.
AFTER_AS = _listed("SELECT WITH")
# What may stand before a parenthesis and is no function.
SYNTAX = _listed("""
    ALL AND ANY AS BETWEEN BY CASE CLUSTER COMMENT CROSS DISTINCT ELSE EXCEPT EXCLUDE EXISTS FROM
    GROUP HAVING IN INTERSECT INTO IS JOIN KEY LATERAL LIKE MINUS NOT OFFSET ON OR ORDER OVER
    PARTITION QUALIFY RENAME REPLACE SELECT SET SOME TABLE THEN UNION UPDATE USING VALUES WHEN WHERE
    WITH WITHIN
""")
NOT_THERE = {
    exp.Filter: "no FILTER clause of an aggregate",
    exp.Lambda: "no lambda",
    exp.Array: "no list literal",
    exp.Struct: "no struct literal",
    exp.Slice: "no slice",
    exp.AtTimeZone: "no AT TIME ZONE",
    exp.SimilarTo: "no SIMILAR TO",
    exp.Glob: "no GLOB",
    exp.Columns: "no COLUMNS()",
    exp.IntDiv: "no integer division operator",
    exp.Unnest: "no UNNEST",
}
# dbt gives and reads this name itself where it compares the rows of a unit test.
DBTS_OWN = "actual_or_expected"
UNREADABLE = "cannot be parsed"
TEXT_TYPES = (*exp.DataType.TEXT_TYPES, exp.DType.UNKNOWN, exp.DType.NULL)
FLOATS = (exp.DType.DOUBLE, exp.DType.FLOAT)
# What an operation of dbt's own adapter sends and no SQL of the project.
ADAPTERS_OWN = re.compile(
    r"^\s*(?:/\*.*?\*/)?\s*(?:show|describe|use|alter|comment|put|list|with\s+\S+\s+as\s+procedure"
    r"|select current_|begin|commit|rollback|drop)\b",
    re.S | re.I,
)


def refused(sql: str) -> list[str]:
    """Return a sentence for each thing in some statements that Snowflake would not take."""
    try:
        tokens = sqlglot.tokenize(sql, read="snowflake")
        trees = [tree for tree in sqlglot.parse(sql, read="snowflake") if tree is not None]
    except (ParseError, TokenError) as error:
        return [f"{UNREADABLE}: {str(error).splitlines()[0]}"]
    problems = [
        *_names_before_parentheses(tokens),
        *_written_types(tokens),
        *_words(tokens),
    ]
    for tree in trees:
        problems.extend(_nodes(tree))
        problems.extend(_subqueries(tree))
    return problems


def _names_before_parentheses(tokens: list[Token]) -> Iterator[str]:
    """Every function is on the list, as it is written: sqlglot's tree has names of its own."""
    for place, (token, following) in enumerate(itertools.pairwise(tokens)):
        if following.token_type != TokenType.L_PAREN or not re.match(r"[A-Za-z_]", token.text):
            continue
        name = token.text.upper()
        is_quoted = token.token_type in (TokenType.IDENTIFIER, TokenType.STRING)
        if is_quoted or name in SYNTAX | TYPES | FUNCTIONS or _is_relation(tokens, place):
            continue
        yield f"line {token.line}: {token.text}() is no function on the list of Snowflake's"


def _is_relation(tokens: list[Token], place: int) -> bool:
    """Say whether a name before a parenthesis is what is created or inserted into, or an alias."""
    first = place
    while first >= 2 and tokens[first - 1].token_type == TokenType.DOT:
        first -= 2
    before = tokens[first - 1].text.upper() if first else ""
    is_alias = before == "AS" and tokens[first - 2].token_type == TokenType.R_PAREN
    return before in ("INTO", "TABLE", "VIEW", "EXISTS") or is_alias


def _written_types(tokens: list[Token]) -> Iterator[str]:
    """Every type is one of Snowflake's, in casts and in declared columns."""
    for place, token in enumerate(tokens):
        written = None
        if token.token_type == TokenType.DCOLON:
            written = tokens[place + 1]
        elif token.text.upper() in ("CAST", "TRY_CAST"):
            written = _type_in_cast(tokens, place + 1)
        if written is not None and written.text.upper() not in TYPES:
            yield f"line {written.line}: {written.text} is no type of Snowflake's"
    for column in _declared_columns(tokens):
        if column.text.upper() not in TYPES:
            yield f"line {column.line}: {column.text} is no type of Snowflake's"


def _type_in_cast(tokens: list[Token], opening: int) -> Token | None:
    depth = 0
    for place in range(opening, len(tokens)):
        kind = tokens[place].token_type
        depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
        if depth == 0:
            return None
        if depth == 1 and kind == TokenType.ALIAS:
            return tokens[place + 1]
    return None


def _declared_columns(tokens: list[Token]) -> Iterator[Token]:
    """Yield the type of each column in `create table name (column type, ...)`."""
    texts = [token.text.upper() for token in tokens]
    if texts[:1] != ["CREATE"] or "TABLE" not in texts[:5]:
        return
    end = next((place for place, text in enumerate(texts) if text in ("AS", "(")), 0)
    if texts[end : end + 1] != ["("]:
        return
    depth = 0
    for place in range(end, len(tokens)):
        kind = tokens[place].token_type
        depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
        if depth == 0:
            return
        if depth == 1 and kind in (TokenType.L_PAREN, TokenType.COMMA):
            yield tokens[place + 2]


def _words(tokens: list[Token]) -> Iterator[str]:
    previous = None
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        is_quoted = token.token_type == TokenType.IDENTIFIER
        if is_quoted and token.text != token.text.upper() and token.text != DBTS_OWN:
            yield (
                f'line {token.line}: "{token.text}" is not the name in upper case that Snowflake'
                " stores"
            )
        starts = previous is None or previous in ("(", ";", "UNION", "ALL", "AS")
        if token.token_type == TokenType.FROM and starts:
            yield f"line {token.line}: a query begins with FROM"
        if token.token_type in (TokenType.DSTAR, TokenType.CARET):
            yield f"line {token.line}: no operator {token.text}"
        named = following.text.upper() if following is not None else ""
        if token.token_type == TokenType.ALIAS and named in RESERVED - AFTER_AS:
            yield f"line {token.line}: {following.text} is reserved and names nothing unquoted"
        previous = token.text.upper()


def _nodes(tree: exp.Expression) -> Iterator[str]:
    for node in tree.walk():
        if isinstance(node, exp.Command):
            yield f"not understood: {_shown(node)}"
        for kind, why in NOT_THERE.items():
            if type(node) is kind:
                yield f"{why} in Snowflake: {_shown(node)}"
        if isinstance(node, exp.Join) and node.args.get("kind") in ("SEMI", "ANTI", "POSITIONAL"):
            yield f"no {node.args['kind']} JOIN in Snowflake: {_shown(node)}"
        if isinstance(node, exp.Distinct) and node.args.get("on"):
            yield f"no DISTINCT ON in Snowflake: {_shown(node)}"


def _subqueries(tree: exp.Expression) -> Iterator[str]:
    """A correlated subquery is a join in disguise: a conjunct of WHERE, linked by equality."""
    for scope in traverse_scope(tree):
        query = scope.expression
        if not scope.is_correlated_subquery or not isinstance(query, exp.Select):
            continue
        if query.args.get("limit"):
            yield f"a correlated subquery with LIMIT: {_shown(query)}"
        place = query.parent
        while isinstance(place, exp.Subquery | exp.Exists | exp.Not | exp.And | exp.Paren):
            place = place.parent
        if isinstance(query.parent, exp.Exists) and not isinstance(place, exp.Where):
            yield f"a correlated subquery that is no conjunct of WHERE: {_shown(query)}"
        outer = {id(column) for column in scope.external_columns}
        for condition in _conjuncts(query.args.get("where")):
            is_linked = any(id(column) in outer for column in condition.find_all(exp.Column))
            if is_linked and not isinstance(condition.unnest(), exp.EQ):
                yield f"a correlated subquery that is not linked by equality: {_shown(condition)}"


def _conjuncts(where: exp.Where | None) -> list[exp.Expression]:
    if where is None:
        return []
    return list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]


def _shown(node: exp.Expression) -> str:
    text = node.sql("snowflake", comments=False)
    return text if len(text) <= 160 else f"{text[:157]}..."


@dataclass
class Warehouse:
    """Columns and types of the relations so far, under the rules by which Snowflake stores names.

    Attributes:
        columns: Relation to its columns and types.
    """

    known: MappingSchema = field(default_factory=lambda: MappingSchema(dialect="snowflake"))

    def add(self, relation: str, columns: Mapping[str, str]) -> None:
        """Add a relation; a name that is not quoted is stored in upper case."""
        self.known.add_table(relation, dict(columns), dialect="snowflake")

    def resolved(self, sql: str) -> exp.Expression:
        """Return a query with its columns found and typed.

        Raises:
            OptimizeError: A column is not there.
        """
        tree = sqlglot.parse_one(sql, read="snowflake")
        named = qualify(tree, schema=self.known, dialect="snowflake", quote_identifiers=False)
        # sqlglot takes a decimal literal for a double
        exact = named.transform(
            lambda node: exp.cast(node, "decimal(38, 6)") if _is_decimal(node) else node
        )
        return annotate_types(exact, schema=self.known, dialect="snowflake")

    def refused(self, sql: str, relation: str | None = None) -> list[str]:
        """Return a sentence for each thing that Snowflake would refuse, or answer inexactly.

        Args:
            sql: A query that can be parsed.
            relation: Under which name to remember what it returns; by default, nowhere.
        """
        try:
            tree = self.resolved(sql)
        except OptimizeError as error:
            return [f"not found under the name that Snowflake stores: {error}"]
        if relation:
            self.add(relation, {one.output_name: _type_of(one) for one in tree.selects})
        return [*_divisions(tree), *_casts(tree)]


def _is_decimal(node: exp.Expression) -> bool:
    is_number = isinstance(node, exp.Literal) and not node.is_string
    return is_number and "." in node.this and "e" not in node.this.lower()


def _type_of(node: exp.Expression) -> str:
    known = node.type is not None and not node.is_type(exp.DType.UNKNOWN, exp.DType.NULL)
    return node.type.sql("snowflake") if known else "variant"


def _divisions(tree: exp.Expression) -> Iterator[str]:
    for division in tree.find_all(exp.Div):
        sides = (division.left, division.right)
        if not any(side.is_type(*FLOATS) for side in sides) and not _is_exact(division):
            yield (
                "cut to six digits, as neither side is a double: "
                f"{_shown(division)} ({', '.join(map(_type_of, sides))})"
            )


def _is_exact(division: exp.Div) -> bool:
    """Say whether six digits are enough: tenths, whole numbers of a quotient, or what is shown."""
    right = division.right
    if isinstance(division.find_ancestor(exp.Round, exp.Select), exp.Round):
        return True
    while isinstance(right, exp.Cast | exp.Paren):
        right = right.this
    if not isinstance(right, exp.Literal):
        return False
    rounded = division.find_ancestor(exp.Floor, exp.Ceil, exp.Select)
    is_whole = right.is_int and int(right.this) < 10**6
    is_rounded = isinstance(rounded, exp.Floor | exp.Ceil) and is_whole
    return is_rounded or float(right.this) in (10, 100, 1000)


def _casts(tree: exp.Expression) -> Iterator[str]:
    for cast in tree.find_all(exp.Cast):
        if isinstance(cast, exp.TryCast) and not cast.this.is_type(*TEXT_TYPES):
            yield f"TRY_CAST takes only text: {_shown(cast)} ({_type_of(cast.this)})"
        if cast.this.is_type("boolean") and cast.to.is_type(*FLOATS):
            yield f"a boolean cannot become a double: {_shown(cast)}"


def nodes_in_order(manifest: Mapping) -> Iterator[dict]:
    """Yield what dbt compiled, each after what it reads."""
    nodes = manifest["nodes"]
    graph = {
        name: [one for one in node["depends_on"].get("nodes", []) if one in nodes]
        for name, node in nodes.items()
    }
    for name in graphlib.TopologicalSorter(graph).static_order():
        yield nodes[name]


def problems_of(manifest: Mapping, sources: Mapping[str, Mapping[str, str]], root: Path):
    """Return how many statements a compiled project has and what is wrong with which.

    Args:
        manifest: Content of `manifest.json`.
        sources: Raw relations that are not seeds, with their columns and types.
        root: The project's folder.
    """
    warehouse, problems, count = Warehouse(), [], 0
    for relation, columns in sources.items():
        warehouse.add(relation, columns)
    for node in nodes_in_order(manifest):
        relation = ".".join((node["database"], node["schema"], node["alias"]))
        if node["resource_type"] == "seed":
            warehouse.add(relation, _seed_columns(root, node))
        elif node["language"] == "python":
            warehouse.add(relation, PYTHON_MODELS[node["name"]])
        elif sql := node.get("compiled_code"):
            count += 1
            found = refused(sql)
            if not any(one.startswith(UNREADABLE) for one in found):
                is_model = node["resource_type"] == "model"
                found += warehouse.refused(sql, relation if is_model else None)
            place = f"{node['original_file_path']} ({node['name']})"
            problems.extend(f"{place}: {one}" for one in found)
    return count, problems


def _seed_columns(root: Path, node: Mapping) -> dict[str, str]:
    with (root / node["original_file_path"]).open(newline="") as file:
        names = next(csv.reader(file))
    types = node["config"]["column_types"]
    return {name: types.get(name, "varchar") for name in names}


SNOWFLAKE_TYPES = {
    "string": "varchar",
    "timestamp[us]": "timestamp_ntz",
    "date32[day]": "date",
    "int32": "bigint",
    "int64": "bigint",
    "double": "double",
    "bool": "boolean",
    "binary": "binary",
}
SCHEMAS = {
    "ml_candidate": schemas.CANDIDATE,
    "ml_test_predictions": schemas.TEST_PREDICTIONS,
    "ml_backtest": schemas.BACKTEST,
    "ml_predictions": schemas.PREDICTIONS,
    "ml_shadow_predictions": schemas.SHADOW_PREDICTIONS,
    "ml_contributions": schemas.CONTRIBUTIONS,
    "ml_champion": schemas.CHAMPION,
}
PYTHON_MODELS = {
    name: {column.name: SNOWFLAKE_TYPES[str(column.type)] for column in schema}
    for name, schema in SCHEMAS.items()
}


def sent_statements(log: Path) -> list[str]:
    """Return each statement of the project's own that a log of dbt, as JSON, says was sent."""
    events = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    sent = [one["data"]["sql"] for one in events if one["info"]["name"] == "SQLQuery"]
    return [sql for sql in sent if not ADAPTERS_OWN.match(sql)]
