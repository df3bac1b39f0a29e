"""What LaTeX commands look like in Unicode."""

_GREEK = """
alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ
lambda λ mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi
φ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ
Psi Ψ Omega Ω
"""
_SIGNS = """
cdot · times × div ÷ pm ± mp ∓ ast ∗ star ⋆ circ ∘ bullet • oplus ⊕ ominus ⊖ otimes ⊗ odot ⊙ wedge ∧
land ∧ vee ∨ lor ∨ cap ∩ cup ∪ setminus ∖ sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ oint ∮ bigcup ⋃ bigcap
⋂ bigoplus ⨁ bigotimes ⨂ partial ∂ nabla ∇ infty ∞ forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ emptyset
∅ varnothing ∅ ell ℓ hbar ℏ Re ℜ Im ℑ aleph ℵ angle ∠ triangle △ square □ blacksquare ■ diamond ⋄
top ⊤ bot ⊥ prime ′ dagger † ddagger ‡ degree ° ldots … dots … dotsc … dotsb ⋯ cdots ⋯ vdots ⋮ ddots
⋱ langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ lvert | rvert | vert | lVert ‖ rVert ‖ Vert ‖
lbrace { rbrace } lbrack [ rbrack ] backslash \\ checkmark ✓ surd √
"""
_RELATIONS = """
le ≤ leq ≤ leqslant ≤ ge ≥ geq ≥ geqslant ≥ ll ≪ gg ≫ ne ≠ neq ≠ equiv ≡ approx ≈ sim ∼ simeq ≃ cong
≅ propto ∝ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ perp ⊥ parallel ∥ to →
rightarrow → leftarrow ← gets ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⇒
impliedby ⇐ iff ⇔ mapsto ↦ longmapsto ⟼ longrightarrow ⟶ longleftarrow ⟵ hookrightarrow ↪ uparrow ↑
downarrow ↓ nearrow ↗ searrow ↘ coloneqq ≔ triangleq ≜ doteq ≐ prec ≺ succ ≻ preceq ⪯ succeq ⪰ vdash
⊢ models ⊨
"""
_SPACES = {
    ",": " ",
    ":": " ",
    ";": " ",
    ">": " ",
    " ": " ",
    "quad": "  ",
    "qquad": "    ",
    "enspace": " ",
    "thinspace": " ",
}
_SPACED = {"mid": " | ", "colon": ": ", "bmod": "mod ", "pmod": " mod "}
_NOTHING = "left right middle"
_LITERALS = {c: c for c in "{}%$#&_"} | {"|": "‖"}


def _pairs(table: str) -> dict[str, str]:
    words = table.split()
    return dict(zip(words[::2], words[1::2], strict=True))


TIGHT = frozenset(_pairs(_GREEK)) | {"partial", "nabla"}
"""Commands for letters: the space that ends the command is not a space of the formula."""

RELATIONS = frozenset(_pairs(_RELATIONS).values()) | set("=<>")
"""Signs that stand between two sides, with a space on either."""

BINARY = frozenset("·×÷±∓∗⋆∘•⊕⊖⊗⊙∧∨∩∪∖")
"""Signs that join two terms, with a space on either side."""

SIZES = frozenset(
    f"\\{name}"
    for name in (
        *("big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl", "Biggr"),
        *("displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "nonumber", "notag"),
        *("mathstrut", "strut", "!"),
    )
)
"""Commands about how large or how close: they say nothing."""

SYMBOLS: dict[str, str] = (
    _pairs(_GREEK)
    | _pairs(_SIGNS)
    | _pairs(_RELATIONS)
    | _SPACES
    | _SPACED
    | dict.fromkeys(_NOTHING.split(), "")
    | _LITERALS
)

_NAMES = """
arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup
ln log max min Pr sec sin sinh sup tan tanh argmax argmin softmax sigmoid
"""
FUNCTIONS = frozenset(_NAMES.split())
"""Names set upright, with a space before what they act on."""

_UPRIGHT = "text textrm textbf textit texttt textsf mathrm mathsf mathtt mathit mbox hbox"
TEXT_COMMANDS = frozenset(_UPRIGHT.split())
"""Commands whose argument is written as it stands."""

OPENING = frozenset(("lVert", "lvert", "langle", "lfloor", "lceil", "lbrace", "lbrack"))
CLOSING = frozenset(("rVert", "rvert", "rangle", "rfloor", "rceil", "rbrace", "rbrack"))

ACCENTS = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "check": "\u030c",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "bar": "\u0304",
    "dot": "\u0307",
    "ddot": "\u0308",
    "vec": "\u20d7",
    "mathring": "\u030a",
}
LINES = {"overline": "\u0305", "underline": "\u0332"}

SUPERSCRIPTS = dict(
    zip(
        "0123456789+−-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθιφχ⊤′*∗",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿᶥᵠᵡᵀ′**",
        strict=True,
    )
)
SUBSCRIPTS = dict(
    zip(
        "0123456789+−-=()aehijklmnoprstuvxβγρφχ",
        "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ",
        strict=True,
    )
)

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _alphabet(upper: int, lower: int, **exceptions: str) -> dict[str, str]:
    plain = {c: chr(upper + i if i < 26 else lower + i - 26) for i, c in enumerate(_LETTERS)}
    return plain | exceptions


_BOLD = _alphabet(0x1D400, 0x1D41A)
_SCRIPT = _alphabet(
    0x1D49C, 0x1D4B6, B="ℬ", E="ℰ", F="ℱ", H="ℋ", I="ℐ", L="ℒ", M="ℳ", R="ℛ", e="ℯ", g="ℊ", o="ℴ"
)
_DOUBLE = _alphabet(0x1D538, 0x1D552, C="ℂ", H="ℍ", N="ℕ", P="ℙ", Q="ℚ", R="ℝ", Z="ℤ") | {"1": "𝟙"}
_FRAKTUR = _alphabet(0x1D504, 0x1D51E, C="ℭ", H="ℌ", I="ℑ", R="ℜ", Z="ℨ")

ALPHABETS: dict[str, dict[str, str]] = {
    "mathbf": _BOLD,
    "boldsymbol": _BOLD,
    "bm": _BOLD,
    "mathcal": _SCRIPT,
    "mathscr": _SCRIPT,
    "mathbb": _DOUBLE,
    "mathds": _DOUBLE,
    "mathfrak": _FRAKTUR,
}
