"""A C++ source for the lint: its text without comments, its tokens, and its full expressions."""

import re

_LITERAL_OR_COMMENT = re.compile(
    r"""//[^\n]*
      | /\*.*?\*/
      | (?:u8|[uUL])?R"(?P<delimiter>[^(\s]*)\(.*?\)(?P=delimiter)"
      | (?:u8|[uUL])?"(?:\\.|[^"\\\n])*"
      | (?<![0-9A-Za-z_])(?:u8|[uUL])?'(?:\\.|[^'\\\n])+'""",
    re.VERBOSE | re.DOTALL,
)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.MULTILINE)
_TOKEN = re.compile(
    r"[A-Za-z_]\w*|\d(?:'?\w)*|::|->\*?|<=>|&&|\|\||[=!<>+\-*/%|&^]=|\S"
)
_PAIRS = {")": "(", "]": "[", "}": "{"}
_DECLARES_A_SCOPE = {"class", "struct", "union", "enum", "namespace", "extern", "concept"}
_BEFORE_A_BODY = {"else", "do", "try", "mutable", "noexcept", "const", "override", "final", "&", "&&"}
_OF_A_TYPE = re.compile(r"[A-Za-z_]\w*|::|[<>,*&]|&&|\d+")
_KEYWORDS_BEFORE_AN_EXPRESSION = {"return", "co_return", "co_await", "co_yield", "throw", "case"}


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


def _without_comments(match):
    text = match.group()
    return _blank(text) if text.startswith(("//", "/*")) else text


def _without_literals(match):
    text = match.group()
    return _blank(text) if text.startswith(("//", "/*")) else '"' + _blank(text[1:-1]) + '"'


class Source:
    """Line numbers hold in every form of the text, for what is left out is blanked."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.without_comments = _LITERAL_OR_COMMENT.sub(_without_comments, text)
        self.code = _LITERAL_OR_COMMENT.sub(_without_literals, text)

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def includes(self):
        for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)', self.without_comments, re.M):
            yield self.line_of(match.start(1)), match.group(1)

    def occurrences(self, pattern):
        for match in re.finditer(pattern, self.code):
            yield self.line_of(match.start())

    def awaiting_expressions(self):
        """Every full expression that holds a co_await, once."""
        tokens = Tokens(_DIRECTIVE.sub(lambda m: _blank(m.group()), self.code))
        seen = set()
        for at, word in enumerate(tokens.words):
            if word != "co_await":
                continue
            expression = tokens.full_expression(at)
            if expression.bounds not in seen:
                seen.add(expression.bounds)
                yield self.line_of(tokens.offsets[at]), expression


class Tokens:
    """The words of a source with the partner of each bracket and the meaning of each brace."""

    def __init__(self, code):
        found = [m for m in _TOKEN.finditer(code)]
        self.words = [m.group() for m in found]
        self.offsets = [m.start() for m in found]
        self.partner = self._match_brackets()
        self.brace = {}
        for at, word in enumerate(self.words):
            if word == "{":
                self.brace[at] = self._kind_of_brace(at)

    def word(self, at):
        return self.words[at] if 0 <= at < len(self.words) else ""

    def _match_brackets(self):
        partner, stack = {}, []
        for at, word in enumerate(self.words):
            if word in "([{":
                stack.append(at)
            elif word in _PAIRS and stack and self.words[stack[-1]] == _PAIRS[word]:
                partner[at] = stack.pop()
                partner[partner[at]] = at
        return partner

    def is_lambda(self, at):
        """Does this `[` begin a lambda, not a subscript, an attribute or a structured binding?"""
        before = self.word(at - 1)
        if self.word(at) != "[" or "[" in (before, self.word(at + 1)):
            return False
        if before == "auto" or (before in ("&", "&&") and self.word(at - 2) == "auto"):
            return False
        names_a_value = re.fullmatch(r'\w+|[)\]"]', before)
        return not names_a_value or before in _KEYWORDS_BEFORE_AN_EXPRESSION

    def _kind_of_brace(self, at):
        """`body` holds statements or declarations, `list` initialises."""
        before = self.word(at - 1)
        if before in ("", ";", "}", ":") or before in _BEFORE_A_BODY:
            return "body"
        if before == "{":
            return self.brace[at - 1]
        if before == ")":
            return "list" if self.word(self.partner.get(at - 1, 0) - 1) == "decltype" else "body"
        if before == "]":
            return "body" if self.is_lambda(self.partner.get(at - 1, -1)) else "list"
        if self._follows_a_return_type(at) or self._declares_a_scope(at):
            return "body"
        return "list"

    def _follows_a_return_type(self, at):
        at -= 1
        while _OF_A_TYPE.fullmatch(self.word(at)):
            at -= 1
        return self.word(at) == "->" and self.word(at - 1) in {")", "]", "mutable", "noexcept"}

    def _declares_a_scope(self, at):
        at -= 1
        while self.word(at) not in {"", ";", "{", "}", "(", ")", "="}:
            if self.word(at) in _DECLARES_A_SCOPE and self.word(at - 1) not in {"<", ","}:
                return True
            at -= 1
        return False

    def full_expression(self, at):
        first, header = self._first(at)
        return Expression(self, first, self._last(at, header), header)

    def _first(self, at):
        """The first token, and the `(` of the if, while, for or switch that it stands in."""
        at -= 1
        while at >= 0:
            word = self.words[at]
            if word in ")]" or (word == "}" and self.brace.get(self.partner.get(at)) == "list"):
                at = self.partner.get(at, at) - 1
                continue
            if word in ";}" or (word == "{" and self.brace[at] == "body"):
                break
            if word == "}" and at not in self.partner:
                break
            if word == "(" and self._opens_a_header(at):
                return at + 1, at
            at -= 1
        return at + 1, None

    def _opens_a_header(self, at):
        before = self.word(at - 1)
        return before in {"if", "while", "for", "switch"} or (
            before == "constexpr" and self.word(at - 2) == "if")

    def _last(self, at, header):
        """One past the last token."""
        end = len(self.words) if header is None else self.partner.get(header, len(self.words))
        while at < end:
            word = self.words[at]
            if word in "([" or (word == "{" and self._is_inside(at)):
                at = self.partner.get(at, at) + 1
                continue
            if word in ";{" or (word == "}" and self.brace.get(self.partner.get(at)) == "body"):
                return at
            at += 1
        return end

    def _is_inside(self, at):
        return self.brace[at] == "list" or self.is_lambda_body(at)

    def is_lambda_body(self, at):
        """Is this body brace a lambda's? Walks back over its declarator to the `[`."""
        at -= 1
        while at >= 0 and self.words[at] not in ";{}=(":
            if self.words[at] in ")]":
                opening = self.partner.get(at, 0)
                if self.is_lambda(opening):
                    return True
                at = opening
            at -= 1
        return False


class Expression:
    """A full expression: what g++ builds one set of temporaries for."""

    def __init__(self, tokens, first, last, header):
        self._tokens = tokens
        self.bounds = (first, last)
        self.is_switch_condition = (
            header is not None
            and tokens.word(header - 1) == "switch"
            and last == tokens.partner.get(header))

    def _own(self):
        """Its tokens without the bodies of lambdas, which are functions of their own."""
        at, last = self.bounds
        while at < last:
            yield at
            if self._tokens.words[at] == "{" and self._tokens.is_lambda_body(at):
                at = self._tokens.partner.get(at, at)
            at += 1

    def has(self, word):
        return any(self._tokens.words[at] == word for at in self._own())

    def has_capturing_lambda(self):
        return any(
            self._tokens.is_lambda(at) and self._tokens.word(at + 1) != "]" for at in self._own())

    def has_braced_list(self):
        return any(self._tokens.brace.get(at) == "list" for at in self._own())
