"""One icon per node kind: strokes on a grid of 24 by 24, drawn here, so that nothing is fetched from anywhere."""

from __future__ import annotations


def _ring(x: float, y: float, radius: float) -> str:
    size = f"{radius:g} {radius:g}"
    return f"M{x - radius:g} {y:g}a{size} 0 1 0 {2 * radius:g} 0a{size} 0 1 0 {-2 * radius:g} 0"


def _box(x: float, y: float, width: float, height: float, radius: float = 1.5) -> str:
    across, down = width - 2 * radius, height - 2 * radius
    arc = f"a{radius:g} {radius:g} 0 0 1 "
    return (
        f"M{x + radius:g} {y:g}h{across:g}{arc}{radius:g} {radius:g}v{down:g}{arc}{-radius:g} {radius:g}"
        f"h{-across:g}{arc}{-radius:g} {-radius:g}v{-down:g}{arc}{radius:g} {-radius:g}z"
    )


def _drum(x: float, y: float, width: float, height: float) -> str:
    half, rim = width / 2, 2.5
    lid = f"M{x:g} {y:g}a{half:g} {rim:g} 0 1 0 {width:g} 0a{half:g} {rim:g} 0 1 0 {-width:g} 0"
    bow = f"a{half:g} {rim:g} 0 0 0 {width:g} 0"
    return f"{lid}v{height:g}{bow}v{-height:g}M{x:g} {y + height / 2:g}{bow}"


_SHOULDERS = "M5 20v-1a5 5 0 0 1 5 -5h4a5 5 0 0 1 5 5v1"
_PERSON = _ring(12, 8, 4) + _SHOULDERS
_GLOBE = _ring(12, 12, 9) + "M3 12h18M12 3c5 5 5 13 0 18c-5 -5 -5 -13 0 -18"
_SHIELD = "M12 3l8 3v6c0 5 -3.5 8 -8 9c-4.5 -1 -8 -4 -8 -9v-6z"
_CUBE = "M12 3l8 4.5v9l-8 4.5l-8 -4.5v-9zM4 7.5l8 4.5l8 -4.5M12 12v9"
_FOLDER = "M3 18v-12a1.5 1.5 0 0 1 1.5 -1.5h4.5l2.5 3h8a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1 -1.5 1.5h-15a1.5 1.5 0 0 1 -1.5 -1.5z"
_CLOCK = _ring(12, 12, 9) + "M12 7v5l3.5 2"
_GRID = _box(3, 4, 18, 16) + "M3 9.5h18M3 14.5h18M9 4v16"

ICONS: dict[str, str] = {
    # identities
    "Person": _PERSON,
    "User": _ring(12, 12, 9)
    + _ring(12, 10, 3)
    + "M6.5 19v-0.5a3.5 3.5 0 0 1 3.5 -3.5h4a3.5 3.5 0 0 1 3.5 3.5v0.5",
    "Role": _box(3, 5, 18, 14) + _ring(9, 11, 2) + "M6 16a3 3 0 0 1 6 0M15 10h3M15 14h3",
    "ServiceAccount": _box(4, 8, 16, 11, 2.5)
    + "M12 8v-4M9.5 4h5M9 12v2.5M15 12v2.5M1.5 13v3M22.5 13v3",
    "Application": _box(3, 4, 18, 16) + "M3 9h18M6.5 6.5h.01M9.5 6.5h.01",
    "Group": _ring(9, 8, 3.5)
    + "M2.5 20v-1a5 5 0 0 1 5 -5h3a5 5 0 0 1 5 5v1M16 4.8a3.5 3.5 0 0 1 0 6.4M18 14.3a5 5 0 0 1 3.5 4.7v1",
    "Credential": _ring(8, 15, 4.5) + "M11.5 12l8.5 -8.5M16 7.5l3 3M13.5 10l2 2",
    "IdentityProvider": _SHIELD + _ring(12, 10, 2.3) + "M8 16.5a4 4 0 0 1 8 0",
    "PermissionSet": _SHIELD + "M8.5 9.5h7M8.5 13h4.5",
    "Public": _GLOBE,
    "External": _box(3, 7, 14, 14) + "M13 3h8v8M21 3l-9 9",
    "PrincipalClass": _ring(12, 7, 3)
    + _ring(5.5, 16, 2.5)
    + _ring(18.5, 16, 2.5)
    + "M10.5 9.8l-3.5 4M13.5 9.8l3.5 4M8.5 16.5h7",
    # compute
    "Notebook": _box(5, 3, 15, 18) + "M9 3v18M3 7.5h4M3 12h4M3 16.5h4M12.5 8h4.5M12.5 12h4.5",
    "Job": _ring(12, 12, 3.5)
    + "M12 3v3.5M12 17.5v3.5M3 12h3.5M17.5 12h3.5M5.6 5.6l2.5 2.5M15.9 15.9l2.5 2.5M18.4 5.6l-2.5 2.5M8.1 15.9l-2.5 2.5",
    "Pipeline": _box(2.5, 4, 6, 6) + _box(15.5, 14, 6, 6) + "M8.5 7h6a4 4 0 0 1 4 4v3",
    "Schedule": _CLOCK,
    "Endpoint": _ring(12, 12, 2)
    + "M8 16a5.7 5.7 0 0 1 0 -8M16 8a5.7 5.7 0 0 1 0 8M5 19a9.9 9.9 0 0 1 0 -14M19 5a9.9 9.9 0 0 1 0 14",
    "Agent": _box(4, 8, 16, 12, 2.5) + "M12 8v-3.5M12 3.5h.01M9 13h.01M15 13h.01M9.5 16.5h5",
    "Function": "M6 20h1a3 3 0 0 0 3 -2.5l2 -11a3 3 0 0 1 3 -2.5h1M8 10.5h8M15 14l4.5 5.5M19.5 14l-4.5 5.5",
    "Service": _box(3, 4, 18, 7) + _box(3, 13, 18, 7) + "M7 7.5h.01M7 16.5h.01M11 7.5h6M11 16.5h6",
    "Cluster": _box(9, 3, 6, 6) + _box(3, 15, 6, 6) + _box(15, 15, 6, 6) + "M12 9v3M6 15v-3h12v3",
    "VirtualMachine": _box(3, 4, 18, 12) + "M12 16v4M8 20h8M9.5 8l-2 2l2 2M14.5 8l2 2l-2 2",
    # data
    "Dataset": _drum(4, 5.5, 16, 13),
    "Secret": _box(5, 11, 14, 10) + "M8 11v-3.5a4 4 0 0 1 8 0v3.5M12 15v2.5",
    "Key": _ring(7.5, 12, 4.5) + "M12 12h9.5M21 12v4M17 12v3",
    # artefacts
    "Model": _CUBE,
    "ModelVersion": "M12 2.5l7 4v7.5l-7 4l-7 -4v-7.5zM5 6.5l7 4l7 -4M12 10.5v7.5M5 18.5l7 3.5l7 -3.5",
    "Code": "M8.5 7l-5.5 5l5.5 5M15.5 7l5.5 5l-5.5 5M13.5 4l-3 16",
    "Image": "M12 3l9 4.5l-9 4.5l-9 -4.5zM3 12l9 4.5l9 -4.5M3 16.5l9 4.5l9 -4.5",
    "KnowledgeBase": "M12 6.5c-2 -1.6 -5 -2 -9 -2v14c4 0 7 .4 9 2c2 -1.6 5 -2 9 -2v-14c-4 0 -7 .4 -9 2zM12 6.5v14",
    "VectorIndex": _ring(5, 18.5, 2) + "M6.5 17l11.5 -11.5M13 5h5.5v5.5M5 12.5v-9M11.5 18.5h9",
    "FeatureStore": _GRID,
    "Guardrail": _SHIELD + "M8.5 12l2.5 2.5l4.5 -5",
    # scopes
    "Organization": _box(8.5, 2.5, 7, 5.5)
    + _box(2.5, 16, 7, 5.5)
    + _box(14.5, 16, 7, 5.5)
    + "M12 8v4M6 16v-4h12v4",
    "Folder": _FOLDER,
    "Account": "M6.5 19a4.5 4.5 0 0 1 -.6 -9a6.5 6.5 0 0 1 12.4 1.2a4 4 0 0 1 -.8 7.8z",
    "ResourceGroup": "M8 3.5h-4.5v4.5M16 3.5h4.5v4.5M8 20.5h-4.5v-4.5M16 20.5h4.5v-4.5"
    + _box(8, 8, 8, 8),
    "Workspace": _box(3, 3, 8, 8) + _box(13, 3, 8, 8) + _box(3, 13, 8, 8) + _box(13, 13, 8, 8),
    "Registry": _box(3, 4, 18, 5) + "M5 9v11h14v-11M10 13h4",
    "Metastore": _drum(3, 5, 11, 10) + _ring(17, 16, 3) + "M19.2 18.2l2.8 2.8",
    "Catalog": _box(5, 3, 14, 18) + "M9 8h6M9 12h6M9 16h3.5",
    "Schema": _box(3, 3.5, 18, 5)
    + _box(3, 12, 7, 8.5)
    + _box(14, 12, 7, 8.5)
    + "M6.5 8.5v3.5M17.5 8.5v3.5",
    # access
    "Grant": _SHIELD + _ring(12, 10, 2) + "M12 12v4.5",
    "AssetSet": "M4 9v-4.5h4.5M15.5 4.5h4.5v4.5M20 15v4.5h-4.5M8.5 19.5h-4.5v-4.5"
    + _ring(12, 12, 3),
    "Revocable": _ring(6, 6.5, 3) + _ring(6, 17.5, 3) + "M8.5 8.2l12 9.8M8.5 15.8l12 -9.8",
}
UNKNOWN = _ring(12, 12, 9) + "M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7 .3 -1 .8 -1 1.7M12 17h.01"


def icon_of(kind: str) -> str:
    """The strokes of the icon of a node kind; a question mark for a kind that has none."""
    return ICONS.get(kind, UNKNOWN)
