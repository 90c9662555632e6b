"""The order document, or invoice: a page to print, and a PDF."""
