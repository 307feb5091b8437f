"""zoo/utils/modules.py: what an extra lacks is named before it is needed."""

from zoo.utils.modules import check_installed


def test_a_missing_package_is_named_with_the_line_that_installs_it(refused):
    check_installed(["json", "numpy"], "serve", "serve")
    with refused("no_such_module", "to serve", "pip install 'ensemble-zoo[serve]'", error=ImportError):
        check_installed(["json", "no_such_module"], "serve", "serve")
