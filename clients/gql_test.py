"""gql for Python: the schema by introspection, documents checked before they are sent, pages, errors with codes."""

import os
import re
import unittest

from gql import Client, gql
from gql.dsl import DSLInlineFragment, DSLQuery, DSLSchema, DSLVariableDefinitions, dsl_gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXTransport
from graphql import GraphQLError, build_schema, lexicographic_sort_schema, print_schema

ENDPOINT = os.environ["CULTUREGRAPH_URL"].rstrip("/") + "/graphql"
SCHEMA = os.path.join(os.path.dirname(__file__), "..", "schema.graphql")

MEMBERSHIPS = """
    query Memberships($filter: MembershipFilter, $after: String) {
      memberships(filter: $filter, first: 75, after: $after) {
        totalCount
        nodes { id name(lang: "en") }
        pageInfo { hasNextPage endCursor }
      }
    }
"""


def printed(schema):
    return print_schema(lexicographic_sort_schema(schema))


def without_implements(text):
    """The schema without what introspection does not tell; see `test_introspection_tells_interfaces_of_interfaces`."""
    return re.sub(r"^(interface \w+) implements .*\{$", r"\1 {", text, flags=re.MULTILINE)


class Gql(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = Client(
            transport=HTTPXTransport(url=ENDPOINT),
            fetch_schema_from_transport=True,
            introspection_args={"specified_by_url": True, "input_value_deprecation": True, "input_object_one_of": True},
        )
        cls.session = cls.client.connect_sync()
        cls.addClassCleanup(cls.client.close_sync)
        with open(SCHEMA, encoding="utf-8") as file:
            cls.committed = build_schema(file.read())

    def run_query(self, text, **variables):
        request = gql(text)
        request.variable_values = variables
        return self.session.execute(request)

    def test_introspection_gives_the_schema(self):
        told = printed(self.client.schema)

        self.assertEqual(told, without_implements(printed(self.committed)))

    @unittest.expectedFailure  # The server's library answers null for them, where a list has to be.
    def test_introspection_tells_interfaces_of_interfaces(self):
        answer = self.run_query('{ __type(name: "Citable") { interfaces { name } } }')

        self.assertEqual(answer["__type"]["interfaces"], [{"name": "Node"}, {"name": "Record"}])

    def test_a_document_that_does_not_fit_is_not_sent(self):
        for text, message in [
            ("{ cities { nodes { nmae } } }", "Cannot query field 'nmae' on type 'City'"),
            ('{ cities(first: "1") { totalCount } }', "Int cannot represent non-integer value"),
            ('{ city(by: { slug: "ha-noi", id: "a" }) { id } }', "exactly one field must be specified"),
        ]:
            with self.subTest(text), self.assertRaisesRegex(GraphQLError, message):
                self.run_query(text)

    def test_walks_a_list(self):
        ids, after, pages = [], None, 0
        while True:
            page = self.run_query(MEMBERSHIPS, after=after)["memberships"]
            ids += [node["id"] for node in page["nodes"]]
            pages += 1
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]

        self.assertEqual(len(ids), page["totalCount"])
        self.assertEqual(len(set(ids)), len(ids))
        self.assertEqual(pages, -(-len(ids) // 75))

    def test_runs_a_query_built_from_the_schema(self):
        ds = DSLSchema(self.client.schema)
        variables = DSLVariableDefinitions()
        query = DSLQuery(
            ds.Query.city(by=variables.by).select(
                ds.City.slug,
                ds.City.name(lang="en"),
                ds.City.initiatives(first=2, orderBy=[{"field": "NAME", "direction": "DESC"}]).select(
                    ds.InitiativeConnection.totalCount,
                    ds.InitiativeConnection.nodes.select(
                        DSLInlineFragment()
                        .on(ds.Citable)
                        .select(
                            ds.Citable.modality,
                            ds.Citable.citations(first=1).select(
                                ds.CitationConnection.nodes.select(ds.Citation.quote)
                            ),
                        ),
                    ),
                ),
            )
        )
        query.variable_definitions = variables
        request = dsl_gql(City=query)
        request.variable_values = {"by": {"identifier": {"scheme": "GEONAMES", "value": "1581130"}}}

        city = self.session.execute(request)["city"]

        self.assertEqual((city["slug"], city["name"]), ("ha-noi", "Hanoi"))
        self.assertGreater(city["initiatives"]["totalCount"], 2)
        for initiative in city["initiatives"]["nodes"]:
            self.assertEqual(initiative["modality"], "STATED")
            self.assertTrue(initiative["citations"]["nodes"][0]["quote"])

    def test_reads_enums_and_scalars(self):
        dates = "nodes { startDate { earliest precision } }"
        request = gql("{ memberships(first: 1, orderBy: [{ field: START_DATE }]) { %s } }" % dates)

        answer = self.session.execute(request, serialize_variables=True, parse_result=True)

        date = answer["memberships"]["nodes"][0]["startDate"]
        self.assertRegex(date["earliest"], r"^\d{4}-\d{2}-\d{2}$")
        self.assertIn(date["precision"], self.committed.get_type("DatePrecision").values)

    def test_an_error_keeps_its_code(self):
        for text, code, variables in [
            ("{ cities(first: 1001) { nodes { slug } } }", "PAGE_INVALID", {}),
            (MEMBERSHIPS, "VARIABLES_INVALID", {"after": 1}),
            (MEMBERSHIPS, "CURSOR_INVALID", {"after": "page-2"}),
        ]:
            with self.subTest(code), self.assertRaises(TransportQueryError) as raised:
                self.run_query(text, **variables)
            self.assertEqual(raised.exception.errors[0]["extensions"]["code"], code)


if __name__ == "__main__":
    unittest.main()
