"""Reads a chart in its three forms and says what is in it; fails where they differ or an other record has a name."""

import csv
import json
import re
import sys
import xml.etree.ElementTree as xml

SPACE = "{http://graphml.graphdrawing.org/xmlns}"


def of_graphml(path):
    root = xml.parse(path).getroot()
    keys = {key.get("id"): key.get("attr.name") for key in root.iter(SPACE + "key")}
    values = lambda element: {keys[d.get("key")]: d.text for d in element.iter(SPACE + "data")}
    nodes = {n.get("id"): values(n) for n in root.iter(SPACE + "node")}
    edges = {(e.get("source"), e.get("target")) for e in root.iter(SPACE + "edge")}
    return nodes, edges


def main():
    graphml, node_link, folder = sys.argv[1:]
    nodes, edges = of_graphml(graphml)
    with open(node_link, encoding="utf-8") as file:
        document = json.load(file)
    assert {n["id"] for n in document["nodes"]} == set(nodes)
    assert {(e["source"], e["target"]) for e in document["links"]} == edges
    with open(f"{folder}/nodes.csv", encoding="utf-8", newline="") as file:
        assert [n["id"] for n in csv.DictReader(file)] == list(nodes)
    with open(f"{folder}/edges.csv", encoding="utf-8", newline="") as file:
        assert {(e["from"], e["to"]) for e in csv.DictReader(file)} == edges
    try:
        import networkx

        graph = networkx.read_graphml(graphml)
        assert set(graph.nodes) == set(nodes) and graph.number_of_edges() == len(edges)
        assert set(networkx.node_link_graph(document, edges="links").nodes) == set(nodes)
    except ImportError:
        print("networkx is not installed: read with the standard library only", file=sys.stderr)
    assert all(end in nodes for edge in edges for end in edge)
    others = [n for n in nodes.values() if n["type"] == "record of another agency"]
    named = [n for n in others if not re.fullmatch(r"[a-z0-9-]+ record [0-9a-f]{12}", n["label"]) or n.get("reference")]
    print(json.dumps({"edges": len(edges), "own": len(nodes) - len(others), "names_of_others": len(named)}))


main()
