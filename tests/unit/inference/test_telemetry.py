"""Nothing leaves the house."""

import os
import subprocess
import sys

# ONNX Runtime keeps quiet by itself where it sees a build machine; the test must not pass for that reason.
BUILD_MACHINE_NAMES = ("CI", "GITHUB_ACTIONS", "TF_BUILD", "JENKINS_URL", "BUILD_ID", "ORT_DISABLE_TELEMETRY")


def leftovers(program: str, folder) -> list[str]:
    environment = {name: value for name, value in os.environ.items() if name not in BUILD_MACHINE_NAMES}
    places = {"TMPDIR": str(folder), "HOME": str(folder), "XDG_CACHE_HOME": str(folder)}
    subprocess.run([sys.executable, "-c", program], env={**environment, **places}, check=True, timeout=60)
    return sorted(path.name for path in folder.rglob("*"))


def test_inference_runtime_leaves_no_identifier(tmp_path):
    """The runtime's telemetry is off before it is imported: it makes none of its files."""
    assert leftovers("import oss_faces.inference.session as s; s.onnxruntime.get_available_providers()", tmp_path) == []


def test_openvino_reports_nothing_and_leaves_nothing(tmp_path):
    """Loaded by its adapter it finds no reporting package: its own stand-in, which does nothing, is in its place."""
    program = (
        "import sys, oss_faces.inference.openvino_session as s; s.load_openvino().Core();"
        "assert 'openvino.tools.ovc.telemetry_stub' in sys.modules;"
        "assert not [name for name in sys.modules if name.startswith('openvino_telemetry.')]"
    )
    assert leftovers(program, tmp_path) == []


def test_openvino_alone_would_have_left_an_identifier(tmp_path):
    """The test above can fail: imported without us, it reports its import and keeps who it was."""
    assert leftovers("import openvino", tmp_path) != []


def test_the_runtime_alone_would_have_left_one(tmp_path):
    """The test above can fail: imported without us, the runtime begins its telemetry session."""
    assert leftovers("import onnxruntime", tmp_path) != []
