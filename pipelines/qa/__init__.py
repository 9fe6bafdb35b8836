"""Question answering over one library, for synchronous and for asynchronous code."""

from .asynchronous import AsyncDocumentQA as AsyncDocumentQA
from .synchronous import DocumentQA as DocumentQA
