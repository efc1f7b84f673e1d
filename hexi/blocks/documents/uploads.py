"""How uploads arrive: the disk never fills with a file that would be refused for its size anyway. Above operations."""

from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from hexi.blocks.documents.operations import MAX_BYTES, too_large


class Cut(TemporaryUploadedFile):
    """An upload beyond the limit, of which only the size is known."""

    def read(self, *_size: int) -> bytes:
        """Raises the `ValidationError` that names limit and remedy."""
        raise too_large(self.size or 0)


class Bounded(TemporaryFileUploadHandler):
    """Django's handler, which writes no more than `documents.max_bytes` of a file (FILE_UPLOAD_HANDLERS)."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take one more piece; beyond the limit it is only counted."""
        if start <= MAX_BYTES.value:
            self.file.write(raw_data)

    def file_complete(self, file_size: int) -> Any:
        """The whole file, or what stands for one that is too large."""
        if file_size <= MAX_BYTES.value:
            return super().file_complete(file_size)
        self.file.close()
        return Cut(self.file_name, self.content_type or "", file_size, self.charset, self.content_type_extra)
