"""Lists of the admin that cost the same at ten rows and at ten million: read by key, never counted,
filtered and searched only where an index answers."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import F, Model, QuerySet
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.http import HttpRequest
from django.utils.text import capfirst

# The parameters of a list's address: the key of the row that the page follows or precedes.
FOLLOWING, PRECEDING = "after", "before"

_LAST_UNCOUNTED_PAGE = 20


class KeysetChangeList(ChangeList):
    """A page begins right after, or ends right before, a row that the last page showed.

    The order is that of the model admin's `keyset`, whatever the address asks for."""

    following_link = ""
    preceding_link = ""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        if not self.is_popup:
            self.title = capfirst(self.opts.verbose_name_plural)

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet:
        # Links to filters start at the first page, so they must not carry the place in this one.
        self._place = {name: request.GET[name] for name in (FOLLOWING, PRECEDING) if name in request.GET}
        for name in self._place:
            self.params.pop(name, None)
            self.filter_params.pop(name, None)
        self._keyset = self.model_admin.get_keyset(request)
        queryset = super().get_queryset(request, exclude_parameters)
        columns = self.model_admin.list_columns
        return queryset.only(*columns) if columns else queryset

    def get_filters(self, request: HttpRequest) -> tuple:
        try:
            return super().get_filters(request)
        except DisallowedModelAdminLookup as fault:
            # An address that somebody typed: the whole list answers it, as any other that makes no sense.
            raise IncorrectLookupParameters from fault

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[str]:
        return list(self._keyset)

    def get_results(self, request: HttpRequest) -> None:
        rows = self._rows()
        self.result_list = rows
        # What Django's templates ask for; equal counts keep them from showing any.
        self.result_count = self.full_result_count = len(rows)
        self.show_full_result_count = False
        self.show_admin_actions = self.can_show_all = self.multi_page = False

    def _rows(self) -> list[Model]:
        if PRECEDING in self._place:
            rows = self._page_of(self._sought(PRECEDING))
            if self._has_more:
                rows.reverse()
                self._link_neighbors(rows, preceding=True, following=True)
                return rows
            # Nothing above it: this is the first page, and a whole one.
            self._place = {}
        rows = self._page_of(self._sought(FOLLOWING) if self._place else self.queryset)
        self._link_neighbors(rows, preceding=bool(self._place), following=self._has_more)
        return rows

    def _page_of(self, queryset: QuerySet) -> list[Model]:
        found = list(queryset[: self.list_per_page + 1])
        self._has_more = len(found) > self.list_per_page
        return found[: self.list_per_page]

    def _link_neighbors(self, rows: Sequence[Model], *, preceding: bool, following: bool) -> None:
        if rows and preceding:
            self.preceding_link = self.get_query_string({PRECEDING: self._key_of(rows[0])})
        if rows and following:
            self.following_link = self.get_query_string({FOLLOWING: self._key_of(rows[-1])})

    def _sought(self, direction: str) -> QuerySet:
        downwards = self._keyset[0].startswith("-") is (direction == FOLLOWING)
        lookup = TupleLessThan if downwards else TupleGreaterThan
        names = self._names()
        place = lookup(tuple(map(F, names)), self._values(self._place[direction]))
        return self.queryset.filter(place).order_by(*(f"-{name}" if downwards else name for name in names))

    def _names(self) -> list[str]:
        return [name.removeprefix("-") for name in self._keyset]

    def _key_of(self, row: Model) -> str:
        return ",".join(str(getattr(row, name)) for name in self._names())

    def _values(self, text: str) -> tuple[Any, ...]:
        names = self._names()
        parts = text.split(",", len(names) - 1)
        if len(parts) != len(names):
            raise IncorrectLookupParameters
        return tuple(self._value(*pair) for pair in zip(names, parts, strict=True))

    def _value(self, name: str, text: str) -> Any:
        field = self.lookup_opts.get_field(name)
        try:
            ProhibitNullCharactersValidator()(text)
            return getattr(field, "target_field", field).clean(text, None)
        except ValidationError as fault:
            raise IncorrectLookupParameters from fault


class UncountedPaginator(Paginator):
    """For Django's autocompletion, which pages by number: no count, and an end to how far it goes."""

    @property
    def count(self) -> int:
        return self.per_page * _LAST_UNCOUNTED_PAGE

    def page(self, number: int) -> Page:
        number = min(max(int(number), 1), _LAST_UNCOUNTED_PAGE)
        start = (number - 1) * self.per_page
        return _UncountedPage(list(self.object_list[start : start + self.per_page + 1]), number, self)


class _UncountedPage(Page):
    def __init__(self, rows: list[Model], number: int, paginator: Paginator) -> None:
        super().__init__(rows[: paginator.per_page], number, paginator)
        self._more = len(rows) > paginator.per_page and number < _LAST_UNCOUNTED_PAGE

    def has_next(self) -> bool:
        return self._more


class KeysetAdmin(admin.ModelAdmin):
    """`keyset` names columns, all ascending or all descending, that an index has in this order and that
    together tell each row from the others. `list_columns` are the columns that the list reads, where it
    need not read all. `allowed_lookups` are the filters that an address may use beside `list_filter`."""

    keyset: Sequence[str] = ("-id",)
    list_columns: Sequence[str] = ()
    allowed_lookups: Sequence[str] = ()

    actions = None
    list_per_page = 50
    paginator = UncountedPaginator
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    sortable_by = ()
    change_list_template = "admin/keyset_change_list.html"

    class Media:
        css = {"all": ("articles/admin.css",)}

    def get_keyset(self, request: HttpRequest) -> Sequence[str]:
        return self.keyset

    def get_ordering(self, request: HttpRequest) -> Sequence[str]:
        return self.get_keyset(request)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return KeysetChangeList

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        # Django lets an address filter by any column of the model, indexed or not.
        return lookup in self.allowed_lookups or lookup in self._filter_parameters(request)

    def _filter_parameters(self, request: HttpRequest) -> set[str]:
        filters = self.get_list_filter(request)
        return {f"{item}__exact" if isinstance(item, str) else item.parameter_name for item in filters}


class ReadOnlyAdmin(KeysetAdmin):
    """What programs write and people only look at."""

    change_form_template = "admin/read_only_form.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
