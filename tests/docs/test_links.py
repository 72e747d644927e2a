"""Links of the documentation lead somewhere, and every page is found from the index."""
import unittest
from urllib.parse import unquote

import pages


def local(page, target):
    """(file, anchor) that a link leads to; None for what is elsewhere."""
    if "://" in target or target.startswith("mailto:"):
        return None
    path, _, anchor = target.partition("#")
    return ((page.parent / unquote(path)).resolve() if path else page), anchor


class Links(unittest.TestCase):
    def test_every_link_leads_to_a_file_and_a_heading(self):
        wrong = []
        for page in [*pages.PAGES, pages.ROOT / "CHANGELOG.md"]:
            for line, target in pages.links(page):
                where = f"{page.relative_to(pages.ROOT)}:{line}: {target}"
                if (found := local(page, target)) is None:
                    if not target.startswith("https://"):
                        wrong.append(f"{where} is neither a file nor https")
                    continue
                file, anchor = found
                if not file.exists() or not file.is_relative_to(pages.ROOT):
                    wrong.append(f"{where} leads nowhere")
                elif anchor and file.suffix == ".md" and anchor not in pages.anchors(file):
                    wrong.append(f"{where} names no heading of that page")
        if wrong:
            self.fail("\n" + "\n".join(wrong))

    def test_every_page_is_found_from_the_index(self):
        seen, waiting = set(), [pages.ROOT / "docs/README.md"]
        while waiting:
            page = waiting.pop()
            if page in seen or page.suffix != ".md" or not page.is_file():
                continue
            seen.add(page)
            waiting += [found[0] for _, target in pages.links(page) if (found := local(page, target))]
        self.assertEqual([str(page.relative_to(pages.ROOT)) for page in pages.PAGES if page not in seen and page.parent != pages.ROOT], [])


if __name__ == "__main__":
    unittest.main()
