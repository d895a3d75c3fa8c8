"""Pictures of paths and reaches: cards and links, laid out here, drawn by the browser or written as SVG."""
