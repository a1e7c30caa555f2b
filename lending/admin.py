"""What other packages put on the desk, dressed like the rest of it, or taken off: secrets are not looked at."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django_celery_beat.admin import PeriodicTaskAdmin as BeatTaskAdmin
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from django_celery_results.models import GroupResult, TaskResult
from knox.models import get_token_model

from customers.desk import ReadOnlyAdmin

for model in (
    AccessAttempt,
    AccessFailureLog,
    AccessLog,
    Authenticator,
    ClockedSchedule,
    CrontabSchedule,
    EmailAddress,
    GroupResult,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
    TaskResult,
    get_token_model(),
):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(AccessAttempt, AccessFailureLog)
class RefusedSignInAdmin(ReadOnlyAdmin):
    list_display = ("attempt_time", "username", "ip_address", "path_info")
    search_fields = ("username", "ip_address")
    exclude = ("get_data", "post_data")


@admin.register(AccessLog)
class SignInAdmin(ReadOnlyAdmin):
    list_display = ("attempt_time", "username", "ip_address", "logout_time")
    search_fields = ("username", "ip_address")


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(ReadOnlyAdmin):
    """The timetable is data of the release; it is shown with when each task last ran."""

    list_display = ("name", "task", "enabled", "scheduler", "last_run_at", "total_run_count")
    list_filter = ("enabled",)
    list_select_related = BeatTaskAdmin.list_select_related
    search_fields = ("name",)

    def scheduler(self, task: PeriodicTask) -> str:
        return str(task.scheduler)


@admin.register(CrontabSchedule, IntervalSchedule)
class TimetableAdmin(ReadOnlyAdmin):
    list_display = ("id", "__str__")


@admin.register(TaskResult)
class TaskResultAdmin(ReadOnlyAdmin):
    list_display = ("date_created", "task_name", "status", "worker", "date_done")
    list_filter = ("status",)
    exclude = ("task_args", "task_kwargs", "result", "meta")
