"""zoo/export/quantisation.py: which operations stay in float32."""

import pytest

from zoo.export.quantisation import kept_in_float


def _logits(helper, *tensors):
    """The outputs of the members' logits, which are copies of tensors that the rule reads."""
    return [helper.make_tensor_value_info(tensor, 1, None) for tensor in tensors]


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
    outputs = ["member_logits_0", "member_logits_1"]
    nodes[11:11] = [
        helper.make_node("Identity", [made], [name], name=name)
        for made, name in zip(["t7", "u3"], outputs, strict=True)
    ]
    graph = helper.make_graph(nodes, "two members", [], _logits(helper, *outputs))
    kept = [name for name in kept_in_float(graph) if name not in outputs]
    assert kept == ["0 Cast", "1 Conv", "6 Gemm", "own first", "own head", "rule", "7 Softmax"]


@pytest.mark.parametrize("members", [1, 2])
def test_heads_stay_in_float_where_the_rule_or_its_calibration_is_a_dense_layer(members):
    helper = pytest.importorskip("onnx").helper
    nodes, outputs = [], []
    for member in range(members):
        for index, kind in enumerate(("Conv", "Conv", "GlobalAveragePool", "MatMul", "Add")):
            reads = "images" if index == 0 else f"{member} t{index - 1}"
            nodes.append(helper.make_node(kind, [reads], [f"{member} t{index}"], name=f"{member} {index} {kind}"))
        nodes.append(helper.make_node("Identity", [f"{member} t4"], [f"member_logits_{member}"], name=f"{member} copy"))
        outputs.append(f"member_logits_{member}")
    nodes.append(helper.make_node("Concat", [f"{member} t4" for member in range(members)], ["joined"], name="joined"))
    nodes.append(helper.make_node("Gemm", ["joined"], ["logits"], name="rule"))
    graph = helper.make_graph(nodes, "a dense rule", [], _logits(helper, *outputs, "logits"))
    kept = kept_in_float(graph)
    for member in range(members):
        assert {f"{member} 0 Conv", f"{member} 3 MatMul", f"{member} 4 Add"} <= set(kept)
        assert f"{member} 1 Conv" not in kept
    assert {"joined", "rule"} <= set(kept)
