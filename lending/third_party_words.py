"""Words of other packages that our pages show and that come without Chinese.

The packages below ship no Simplified Chinese, or an older one than their pages. Django looks into our catalogue before
theirs, so a sentence that stands here is translated in `locale/` like one of our own. It has to stand in Python code,
for `makemessages` drops from the catalogue what it finds in no source, and does not read installed packages.

Each text is exactly the package's msgid, its own spelling and spaces included. Nothing imports this module.
"""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

#: Each (text for one, text for many).
PLURALS = (
    # django.contrib.auth: the rule of shortest passwords.
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
        "length",
    ),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
        "min_length",
    ),
    # django_celery_beat: what the actions of the timetable did.
    ngettext_lazy("{0} task was successfully enabled", "{0} tasks were successfully enabled", "tasks"),
    ngettext_lazy("{0} task was successfully disabled", "{0} tasks were successfully disabled", "tasks"),
    ngettext_lazy("{0} task was successfully toggled", "{0} tasks were successfully toggled", "tasks"),
    # unfold: search over the desk.
    ngettext_lazy(
        "\n                Found %(counter)s result in %(time)s seconds\n            ",
        "\n                Found %(counter)s results in %(time)s seconds\n            ",
        "counter",
    ),
)

UNFOLD = (
    _("%(class_name)s %(instance)s"),
    _("Add row"),
    _("After you've created a user, you’ll be able to edit more user options."),
    _("Apply Filters"),
    _("Change or view list link"),
    _("Changes"),
    _("Choose a date from the list below to revert to a previous version of this object"),
    _("Choose file to upload"),
    _("Click to cancel"),
    _("Click to download"),
    _("Collapse"),
    _("Current file"),
    _("Dark"),
    _("Dataset not found. No action performed."),
    _("Date"),
    _("Date from"),
    _("Date to"),
    _("Default"),
    _("Expand row"),
    _("False"),
    _("From"),
    _("General"),
    _("Go back"),
    _("Image preview"),
    _("Light"),
    _("Loading more results..."),
    _("More actions"),
    _("Next"),
    _("No data"),
    _("No recent searches"),
    _("No results found"),
    _("No results matching your query"),
    _("Not enough data."),
    _("Previous"),
    _(
        "Raw passwords are not stored, so there is no way to see this user’s password, but you can change the password "
        'using <a href="{}" class="text-primary-600 dark:text-primary-500">this form</a>.'
    ),
    _("Recent searches"),
    _("Record picture"),
    _("Reset filters"),
    _("Reset to default"),
    _("Return to site"),
    _("Run"),
    _("Search apps and models..."),
    _("Select action"),
    _("Select action to run"),
    _("Select all rows"),
    _("Select currency"),
    _("Select format"),
    _("Select record"),
    _("Select value"),
    _("System"),
    _("This item will be deleted."),
    _("This page yielded into no results. Create a new item or reset your filters."),
    _("To"),
    _("Toggle password visibility"),
    _("True"),
    _("Type to search"),
    _("Value"),
    _("Welcome back to"),
    _("You can not create nested object without parent"),
    _("You have been successfully logged out from the administration"),
)

DJANGO_ADMIN = (
    _("Add link"),
    _("After you’ve created a user, you’ll be able to edit more user options."),
    _("Error:"),
    _("Forgotten your login credentials?"),
    _("Model name"),
)

#: Django and allauth have Chinese for these, in a more familiar tone or another spelling than our pages.
TONE = (
    _("Are you sure?"),
    _("This account is inactive."),
    _("You are about to generate a new set of recovery codes for your account."),
    _("You don’t have permission to view or edit anything."),
    _("Your account is protected by two-factor authentication. Please enter an authenticator code:"),
    _("Your old password was entered incorrectly. Please enter it again."),
    _("Your password can’t be a commonly used password."),
    _("Your password can’t be entirely numeric."),
    _("Your password can’t be too similar to your other personal information."),
    _("Your password was changed."),
)

SIMPLE_HISTORY = (_("Deleted %(type_name)s"),)

ALLAUTH = (_("Passkey"), _("WebAuthn"))

AXES = (
    _("Access Attempt"),
    _("access attempt"),
    _("access attempt expiration"),
    _("access attempt expirations"),
    _("access attempts"),
    _("access failure"),
    _("access failures"),
    _("Access lock out"),
    _("access log"),
    _("access logs"),
    _("Account locked: too many login attempts. Contact an admin to unlock your account."),
    _("Account locked: too many login attempts. Please try again later."),
    _("Attempt Remaining"),
    _("Attempt Time"),
    _("Clean up expired attempts"),
    _("Cleaned up {count} expired access attempts."),
    _("Expires At"),
    _("Failed Logins"),
    _("Form Data"),
    _("GET Data"),
    _("HTTP Accept"),
    _("IP Address"),
    _("Locked Out"),
    _("Logout Time"),
    _("Meta Data"),
    _("Not set"),
    _("POST Data"),
    _("Path"),
    _("Session key hash (sha256)"),
    _("The time when access attempt expires and is no longer valid."),
    _("User Agent"),
    _("Username"),
)

CELERY_BEAT = (
    _("Arguments"),
    _('Cron Days Of The Week to Run. Use "*" for "all", Sunday is 0 or 7, Monday is 1. (Example: "0,5")'),
    _('Cron Months (1-12) Of The Year to Run. Use "*" for "all". (Example: "1,12")'),
    _("Execution Options"),
    _("Periodic Tasks Using This Schedule"),
    _("Schedule"),
    _('task "{not_found_task_name}" not found'),
)

CELERY_RESULTS = (
    _("Celery ID for the Task that was run"),
    _("Celery Results"),
    _("Completed DateTime"),
    _("Content type of the result data"),
    _("Created DateTime"),
    _("Current state of the task being run"),
    _("Datetime field when the task result was created in UTC"),
    _("Datetime field when the task was completed in UTC"),
    _("Datetime field when the task was started in UTC"),
    _("JSON meta information about the task, such as information on child tasks"),
    _("JSON representation of the named arguments used with the task"),
    _("JSON representation of the positional arguments used with the task"),
    _("Name of the Periodic Task which was run"),
    _("Name of the Task which was run"),
    _("Parameters"),
    _("Periodic Task Name"),
    _("Result"),
    _("Result Content Type"),
    _("Result Data"),
    _("Result Encoding"),
    _("Started DateTime"),
    _("Task ID"),
    _("Task Meta Information"),
    _("Task Name"),
    _("Task Named Arguments"),
    _("Task Positional Arguments"),
    _("Task State"),
    _("task result"),
    _("task results"),
    _("Text of the traceback if the task generated one"),
    _("The data returned by the task.  Use content_encoding and content_type fields to read."),
    _("The encoding used to save the task result data"),
    _("Traceback"),
    _("Worker"),
    _("Worker that executes the task"),
)
