"""Deliveries, their runs and what is left of them for a person to decide."""

from django.contrib import admin

from imports.admin_conflicts import ConflictAdmin
from imports.admin_items import ItemAdmin, SourceAdmin
from imports.admin_rejects import RejectAdmin
from imports.admin_runs import RunAdmin
from imports.models import Conflict, Item, Reject, Run, Source

admin.site.register(Source, SourceAdmin)
admin.site.register(Run, RunAdmin)
admin.site.register(Reject, RejectAdmin)
admin.site.register(Conflict, ConflictAdmin)
admin.site.register(Item, ItemAdmin)
