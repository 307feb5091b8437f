"""zoo/export/quantisation.py: which operations stay in float32."""

import pytest

from zoo.export.quantisation import kept_in_float


def test_pixels_first_kernels_heads_and_the_rule_stay_in_float():
    helper = pytest.importorskip("onnx").helper
    chain = ["Cast", "Conv", "Relu", "Conv", "Clip", "GlobalAveragePool", "Gemm", "Softmax"]
    nodes = [helper.make_node(kind, [f"t{n}"], [f"t{n + 1}"], name=f"{n} {kind}") for n, kind in enumerate(chain)]
    # a second member, whose first kernel reads the same pixels, and whose head joins before the softmax
    nodes[7:7] = [
        helper.make_node("Conv", ["t1"], ["u1"], name="own first"),
        helper.make_node("Conv", ["u1"], ["u2"], name="own second"),
        helper.make_node("Gemm", ["u2"], ["u3"], name="own head"),
        helper.make_node("Add", ["t7", "u3"], ["t7b"], name="rule"),
    ]
    graph = helper.make_graph(nodes, "two members", [], [])
    assert kept_in_float(graph) == ["0 Cast", "1 Conv", "6 Gemm", "own first", "own head", "rule", "7 Softmax"]
