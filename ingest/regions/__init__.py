"""From words and boxes to regions: text in reading order, tables with cells, figures with captions."""
