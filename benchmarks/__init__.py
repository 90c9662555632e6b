"""How fast the plugin is, against what the database and others can do. Not part of the package.

    python -m benchmarks [--database sqlite|postgresql|mysql] [--quick | --full] [--json FILE]

``measures/`` has one module for each thing that is measured, ``peers/`` one for each thing that it
is measured against. Only ratios within one run count: contenders take turns in short rounds, and
each figure is the median over the rounds. ``docs/performance.md`` says what is measured and why.
"""
