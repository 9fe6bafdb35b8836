"""What is on a page: words from its text layer or by OCR, boxes from the layout model, pictures, damage."""
