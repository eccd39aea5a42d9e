#!/usr/bin/env python3
"""Writes assets.S and assets_table.cc, which put files into the binary, also compressed.

usage: embed_assets.py OUT_DIR FILE=URL_PATH...   (run by src/gateway/CMakeLists.txt)
"""
import gzip
import hashlib
import pathlib
import re
import subprocess
import sys

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".yaml": "application/yaml",
}
COMPRESSED = re.compile(r"text/|json|javascript|svg|yaml|wasm|x-icon")
HASHED = re.compile(r"^/assets/.*-[A-Za-z0-9_-]{8,}\.\w+$")  # the names that Vite gives
COMPRESS_BYTES_MIN = 1024


def write_variant(folder, name, data):
    path = folder / name
    path.write_bytes(data)
    return path


def compress(folder, index, source, data):
    """The encoded forms that are smaller than the file: {"gzip": path, "brotli": path}."""
    variants = {}
    packed = gzip.compress(data, 9, mtime=0)
    if len(packed) < len(data):
        variants["gzip"] = write_variant(folder, f"{index}.gz", packed)
    packed = subprocess.run(["brotli", "-q", "11", "-w", "24", "-c", source], check=True, stdout=subprocess.PIPE).stdout
    if len(packed) < len(data):
        variants["brotli"] = write_variant(folder, f"{index}.br", packed)
    return variants


def main():
    out = pathlib.Path(sys.argv[1])
    folder = out / "assets"
    folder.mkdir(parents=True, exist_ok=True)
    assembly = ['    .section .rodata.paddock_assets,"a",%progbits']
    declarations, rows = [], []

    def embed(symbol, path):
        assembly.extend([f"    .balign 16", f"    .global {symbol}", f"{symbol}:", f'    .incbin "{path}"'])
        declarations.append(f"extern const char {symbol}[];")
        return f"{{{symbol}, {pathlib.Path(path).stat().st_size}}}"

    pairs = sorted((argument.split("=", 1) for argument in sys.argv[2:]), key=lambda pair: pair[1])
    for index, (source, url) in enumerate(pairs):
        data = pathlib.Path(source).read_bytes()
        kind = TYPES.get(pathlib.PurePosixPath(url).suffix, "application/octet-stream")
        worth_it = len(data) >= COMPRESS_BYTES_MIN and COMPRESSED.search(kind)
        variants = compress(folder, index, source, data) if worth_it else {}
        views = [embed(f"paddock_asset_{index}", source)]
        for name in ("gzip", "brotli"):
            views.append(embed(f"paddock_asset_{index}_{name}", variants[name]) if name in variants else "{}")
        etag = hashlib.sha256(data).hexdigest()[:20]
        immutable = "true" if HASHED.match(url) else "false"
        rows.append(f'    {{"{url}", "{kind}", "{etag}", {", ".join(views)}, {immutable}}},')
    assembly.append('    .section .note.GNU-stack,"",%progbits')
    (out / "assets.S").write_text("\n".join(assembly) + "\n")
    (out / "assets_table.cc").write_text(
        '// Made by tools/embed_assets.py.\n#include "gateway/assets.h"\n\nextern "C" {\n'
        + "\n".join(declarations) + "\n}\n\nnamespace paddock::gateway {\nnamespace {\n\n"
        + (f"const Asset kAssets[] = {{\n" + "\n".join(rows) + "\n};\n" if rows else "")
        + "\n}  // namespace\n\nstd::span<const Asset> EmbeddedAssets() noexcept { return "
        + ("kAssets" if rows else "{}") + "; }\n\n}  // namespace paddock::gateway\n")


if __name__ == "__main__":
    main()
