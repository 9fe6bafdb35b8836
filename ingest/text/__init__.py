"""Text as such: words into lines, sentences, numerals, parts that fit a window."""
