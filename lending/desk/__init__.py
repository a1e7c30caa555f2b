"""The officers' desk as a whole: its first page, its navigation, and what its pages share above the rooms."""
