"""Who paid for a course: a page, and a file, for those who run or sell it.

``lms/pipeline.py`` leads there from the instructor dashboard.
"""
