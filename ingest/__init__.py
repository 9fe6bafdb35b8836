"""Documents in, regions and passages out."""

import os

# onnxruntime reports to Microsoft as soon as it is imported, and leaves files in the temporary and the home folder.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
