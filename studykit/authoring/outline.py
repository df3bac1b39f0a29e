"""What surrounds a block: its neighbours, its title, and how often the article says a word."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from studykit.authoring.blocks import (
    Article,
    Block,
    Details,
    Fence,
    Heading,
    List,
    Mark,
    Math,
    Paragraph,
    Quote,
    Section,
    Span,
    Table,
    plain,
)
from studykit.authoring.once import once
from studykit.authoring.prose import Prose, is_chinese, prose_of, squeezed

_SKIPPED = re.compile(
    r"^(?:参考(?:资料|文献|链接|阅读)?|参考与致谢|引用|延伸阅读|扩展阅读|相关(?:阅读|链接|文章)|练习题?|"
    r"习题|思考题|作业|致谢|附录|"
    r"目录|更新(?:日志|记录)|版权声明|转载说明|"
    r"references?|bibliography|further reading|see also|related(?: work| posts?| reading)?|citation|citing|"
    r"exercises?|problems|acknowledge?ments?|appendix|footnotes?|links?|changelog|"
    r"table of contents|contents|comments|resources|credits)\s*[:：]?$",
    re.IGNORECASE,
)

_GENERIC = re.compile(
    r"^(?:前言|引言|序言?|简介|介绍|概述|背景|总览|总结|小结|结语|结论|后记|例子?|示例|代码(?:实现)?|"
    r"实现|说明|注意|注意事项|"
    r"定义|公式|性质|方法|原理|优点|缺点|优缺点|特点|推导|证明|分析|讨论|补充|写在前面|写在最后|是什么|"
    r"为什么|怎么做|问题|问题(?:是什么|在哪里?)|思路|"
    r"introduction|intro|overview|background|summary|conclusions?|discussion|examples?|usage|code|"
    r"implementation|"
    r"notes?|definitions?|properties|proof|motivation|preliminaries|setup|the (?:idea|problem|basics|"
    r"details|code|math)|"
    r"basics|details|background|recap|tl;?dr|what is it|why|how|how it works|advantages|disadvantages|"
    r"pros and cons|"
    r"step \d+|part \d+|faq|method|methods|results|remarks?)\??$",
    re.IGNORECASE,
)


_ASKING = re.compile(
    r"^(?:什么是|何为|为什么(?:需要|要有|要用|会有|要)|如何(?:理解|计算|实现|选择)|怎么(?:理解|计算|"
    r"实现)|(?:初识|认识|理解)|"
    r"what (?:is|are|does)(?: an?| the)? |why (?:do we need |use |not )(?:an? |the )?|understanding |"
    r"introducing )",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^(?:为什么|为何|如何|怎么|什么时候|哪些|谁|是否)|是什么$|(?:怎么办|吗)$|"
    r"^(?:what|why|how|when|where|which|who) (?:is|are|do|does|to|can|should|not|we|you|it)\b|^(?:do|"
    r"does|is|are|can|should|will)\b",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"^(?:如(?:上|下|左|右)?[图表]\s*\d*(?:所示|所述)?|从(?:上|下)?[图表]\s*\d*(?:中)?(?:可以|可|"
    r"能)?(?:看[出到]|知道?)|"
    r"由[上下]?[图式]\s*[（(]?\d*[）)]?(?:可知|可得)|"
    r"(?:这样(?:一来)?|另外|此外|不过|其实|事实上|实际上|当然|显然|可见|总之|同时|值得一提的是|"
    r"值得注意的是|需要注意的是?|注意)[，,：:]?(?=[^，。]{6})|"
    r"(?:However|Moreover|Furthermore|In addition|Also|Note that|In fact|In practice|Of course|Obviously|"
    r"Surprisingly|Interestingly|Actually|"
    r"Fortunately|Unfortunately|Importantly|As a result|Consequently|Instead|Typically|In other words|"
    r"But|And),? (?=[A-Za-z`])|"
    r"(?:As|like) (?:shown|illustrated|depicted|seen) in (?:Fig(?:ure|\.)?|Table) ?\d+)[，,：:]?\s*",
    re.IGNORECASE,
)
_IT = re.compile(
    r"(?:It|它)\s*(?!'s\b|turns out|is (?:not )?(?:clear|easy|possible|important|worth|well))", re.ASCII
)
_PROMISE = re.compile(
    r"^(?:一文(?:搞懂|读懂|看懂|弄懂|带你(?:了解|搞懂))|深入(?:理解|浅出|解析)|浅谈|详解|图解|再谈|聊聊|"
    r"漫谈|彻底(?:搞懂|理解)|手把手教你|"
    r"(?:an? )?(?:gentle |brief |short |visual |quick )?(?:introduction|guide) to |understanding |"
    r"notes on |a (?:tour|primer) (?:of|on) )",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A block, what stands before and after it in the same container, and that container's kind."""

    block: Block
    before: Block | None
    after: Block | None
    inside: str = ""
    """`item`, `quote`, `details`, or nothing at the top level."""
    leads: bool = False
    """Whether nothing but headings stands above it in its section."""


OFTEN = 3
"""A term that is said so often recurs: nobody asks how much more often."""

ENOUGH_TEXT = 200_000
"""Characters in which words are counted: whether a term recurs shows early, and a book must end."""


_BETWEEN = re.compile(r"[\s，。；：、（）()]+")
"""What parts pieces of text."""


@dataclass(frozen=True, eq=False)
class Outline:
    """An article and what the rules ask about it; each question is worked out once."""

    article: Article

    @property
    def language(self) -> str:
        """`zh` or `en`."""
        return self.article.language

    @once
    def places(self) -> tuple[Place, ...]:
        """Every block that cards may come from, in the order of the file."""
        return tuple(self._places(self.article.blocks, ""))

    @once
    def sentences(self) -> tuple[Prose, ...]:
        """Every sentence of every paragraph."""
        found = (_pointless(sentence) for text in self.paragraphs for sentence in text.sentences())
        return tuple(sentence for sentence in found if sentence.text)

    @once
    def named_sentences(self) -> tuple[Prose, ...]:
        """Every sentence; "it" gives way to its name where the sentence before begins with that."""
        found: list[Prose] = []
        for text in self.paragraphs:
            sentences = [_pointless(sentence) for sentence in text.sentences()]
            for before, sentence in zip([None, *sentences], sentences, strict=False):
                found.append(self.named(before, sentence))
        return tuple(sentence for sentence in found if sentence.text)

    def named(self, before: Prose | None, sentence: Prose) -> Prose:
        """`sentence`, with the topic in place of "it" where the sentence before begins with the topic."""
        pronoun = _IT.match(sentence.text)
        if pronoun is None or before is None:
            return sentence
        topic = self.topic(sentence.section)
        if not topic or not squeezed(before.text).startswith(squeezed(topic)):
            return sentence
        rest = sentence.cut(pronoun.end(), len(sentence.text))
        glue = "" if is_chinese(topic[-1:] + rest.text[:1]) else " "
        return replace(rest, spans=(Span(topic + glue), *rest.spans))

    @once
    def paragraphs(self) -> tuple[Prose, ...]:
        """Every paragraph, without half sentences that go on from a formula or run on into one."""
        texts = (
            _whole_sentences(prose_of(place.block, leads=place.leads), place)
            for place in self.places
            if isinstance(place.block, Paragraph) and not _is_caption(place.block)
        )
        return tuple(text for text in texts if text.text)

    @once
    def _prose(self) -> str:
        return "\n".join(_words_of(place.block) for place in self.places)[:ENOUGH_TEXT]

    @once
    def _words(self) -> str:
        return self._prose.casefold()

    @once
    def _emphasised(self) -> frozenset[str]:
        return frozenset(
            squeezed(text.text[start:end])
            for text in self.paragraphs
            for start, end in text.marked(Mark.STRONG, Mark.EMPHASIS, Mark.HIGHLIGHT)
        )

    def is_emphasised(self, term: str) -> bool:
        """Whether the article emphasises `term` anywhere."""
        return squeezed(term) in self._emphasised

    def says(self, word: str) -> bool:
        """Whether `word` stands in the article, with just these small and capital letters."""
        if word not in self._said:
            # Of a rare word the text knows soon where it may stand, of a frequent one soon that it does.
            self._said[word] = word in self._prose and _whole_word(word).search(self._prose) is not None
        return self._said[word]

    @once
    def _said(self) -> dict[str, bool]:
        return {}

    def count(self, term: str) -> int:
        """How often the article says `term`, up to `OFTEN`."""
        if term not in self._counts:
            folded = term.casefold()
            # Of one piece, it stands within pieces of text: there are fewer than words.
            self._counts[term] = (
                _count(self._words, folded) if _BETWEEN.search(folded) else self._count_in_pieces(folded)
            )
        return self._counts[term]

    def _count_in_pieces(self, term: str) -> int:
        joined, often = self._pieces
        found, at = 0, joined.find(term) if term else -1
        while at >= 0 and found < OFTEN:
            found += often[joined[joined.rfind("\n", 0, at) + 1 : joined.find("\n", at)]]
            at = joined.find(term, at + len(term))
        return min(found, OFTEN)

    @once
    def _pieces(self) -> tuple[str, Counter[str]]:
        """Each different piece of the text on a line of its own, and how often it stands there."""
        often = Counter(_BETWEEN.split(self._words))
        return "".join(f"{piece}\n" for piece in often), often

    @once
    def _counts(self) -> dict[str, int]:
        return {}

    def is_titled(self, term: str, section: Section | None) -> bool:
        """Whether a heading above holds `term`."""
        path, bare = section.path if section else (), squeezed(term)
        if path not in self._titles:
            self._titles[path] = tuple(squeezed(title) for title in (*path, self.article.title))
        return bool(bare) and any(bare in title for title in self._titles[path])

    @once
    def _titles(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        return {}

    def topic(self, section: Section | None) -> str:
        """The nearest title above that says what things are about."""
        path = section.path if section is not None else ()
        if path not in self._topics:
            self._topics[path] = self._topic(path)
        return self._topics[path]

    @once
    def _topics(self) -> dict[tuple[str, ...], str]:
        return {}

    def _topic(self, path: tuple[str, ...]) -> str:
        for title in reversed(path):
            name = _shortened(title) if title == self.article.title else _subject(title)
            if name and not _GENERIC.match(name):
                return name
        return _shortened(self.article.title)

    def _places(self, blocks: tuple[Block, ...], inside: str) -> Iterator[Place]:
        shown = [block for block in blocks if not _is_skipped(block)]
        for i, block in enumerate(shown):
            if isinstance(block, Heading):
                continue
            before = shown[i - 1] if i else None
            after = shown[i + 1] if i + 1 < len(shown) else None
            leads = isinstance(before, Heading)
            before = None if isinstance(before, Heading) else before
            yield Place(block, before, None if isinstance(after, Heading) else after, inside, leads)
            match block:
                case List(items=items):
                    for item in items:
                        yield from self._places(item.blocks, "item")
                case Quote(blocks=inner):
                    yield from self._places(inner, "quote")
                case Details(blocks=inner):
                    yield from self._places(inner, "details")


def _whole_word(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")


def _count(text: str, term: str) -> int:
    found, at = 0, 0
    while term and found < OFTEN and (at := text.find(term, at)) >= 0:
        found, at = found + 1, at + len(term)
    return found


def _subject(title: str) -> str:
    """What a heading is about; nothing where it only asks."""
    name = re.sub(r"[?？。.：:\s]+$", "", title.strip())
    asked = _ASKING.match(name)
    if asked:
        rest = name[asked.end() :].strip()
        return rest if rest and len(rest) <= 30 and not _QUESTION.match(rest) else name
    return name


def _shortened(title: str) -> str:
    """A title without what it promises: "RoPE" of "RoPE, a gentle introduction"."""
    name = _PROMISE.sub("", title.strip())
    first = re.split(r"\s*[：:|｜—]\s*|\s+[-–]\s+|[,，]\s*(?:an? |or\b|the |and why|how )|\s*[（(]", name)[
        0
    ].strip()
    return first if len(first) >= 3 else name


def _is_caption(block: Paragraph) -> bool:
    """Whether all of a paragraph is in italics: a caption, a dateline, a remark about the text."""
    return all(span.has(Mark.EMPHASIS) for span in block.spans if span.text.strip())


def _whole_sentences(text: Prose, place: Place) -> Prose:
    sentences = text.sentences()
    if not sentences:
        return text
    start, end = 0, len(text.text)
    if (
        place.inside != "item"
        and isinstance(place.before, Math)
        and re.match(r"[a-z]{2,}\b|[，,；;]", sentences[0].text)
    ):
        start = len(sentences[0].text)
    if isinstance(place.after, Math) and not re.search(r"[。.！!？?：:”’)）]$", sentences[-1].text):
        end = text.text.rfind(sentences[-1].text)
    return text.cut(start, max(start, end))


def _pointless(sentence: Prose) -> Prose:
    """A sentence without "as shown in figure 3," or "however," at its head."""
    pointing = _POINTING.match(sentence.text)
    if not pointing:
        return sentence
    rest = sentence.cut(pointing.end(), len(sentence.text))
    first = rest.spans[0] if rest.spans else Span("")
    if first.marks & {Mark.CODE, Mark.MATH}:
        return rest
    return replace(rest, spans=(Span(first.text[:1].upper() + first.text[1:], first.marks), *rest.spans[1:]))


def lead_of(place: Place) -> list[Prose]:
    """The sentences of the paragraph before a block."""
    return prose_of(place.before).sentences() if isinstance(place.before, Paragraph) else []


def _is_skipped(block: Block) -> bool:
    titles = block.section.path if block.section is not None else ()
    return any(_SKIPPED.match(title.strip()) for title in titles) or _is_of_links(block)


def _is_of_links(block: Block) -> bool:
    """Whether most of the words are links: a menu, a list of sources."""
    match block:
        case Paragraph(spans=spans):
            linked = sum(len(s.text) for s in spans if s.has(Mark.LINK))
            return linked > 0 and linked >= 0.6 * len(plain(spans).strip())
        case List(items=items):
            return len(items) > 1 and all(bool(i.blocks) and _is_of_links(i.blocks[0]) for i in items)
    return False


def _words_of(block: Block) -> str:
    match block:
        case Paragraph():
            return prose_of(block).text
        case Table(header=header, rows=rows):
            return "\n".join(plain(cell) for row in (header, *rows) for cell in row)
        case Details(summary=summary):
            return plain(summary)
        case Math() | Fence():
            return ""
    return ""
