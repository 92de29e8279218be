"""What the library of dashboards refuses: folders, people, marks, comments.

::

    NotFoundError
    ├── ColleagueNotFoundError
    ├── CommentNotFoundError
    └── FolderNotFoundError
    ConflictError
    ├── CodeChangedError
    ├── FolderNameTakenError
    └── FolderNotEmptyError
    InvalidInputError
    ├── CodeInvalidError
    ├── FolderConfirmationWrongError
    ├── FolderTooDeepError
    ├── MentionUnclearError
    └── PersonNeededError
    PermissionDeniedError
    └── CommentNotYoursError
"""

from __future__ import annotations

from backend_services.kernel.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError


class ColleagueNotFoundError(NotFoundError):
    """Nobody active in the actor's team has this address, or the dashboard is not shared with that person."""

    code = "dashboard_colleague_not_found"
    default_message = "Nobody in your team has this address. Choose a person of your team, or add the person first."


class CommentNotFoundError(NotFoundError):
    """The dashboard has no such comment or thread."""

    code = "dashboard_comment_not_found"
    default_message = "There is no such comment here. It may have been deleted meanwhile."


class FolderNotFoundError(NotFoundError):
    """No such folder in the actor's tenant."""

    code = "dashboard_folder_not_found"
    default_message = "There is no such folder here. It may have been deleted meanwhile."


class FolderNameTakenError(ConflictError):
    """Another folder in the same place has the name."""

    code = "dashboard_folder_name_taken"
    default_message = "There is a folder with this name in this place. Choose another name."


class FolderNotEmptyError(ConflictError):
    """The folder has dashboards or folders, and they were not to be moved up."""

    code = "dashboard_folder_not_empty"
    default_message = "This folder is not empty. Move its contents up, or empty it first."


class FolderConfirmationWrongError(InvalidInputError):
    """The typed word is not the folder's name, so nothing was deleted."""

    code = "dashboard_folder_confirmation_wrong"
    default_message = "Type the folder's name exactly to delete it. Nothing was deleted."


class FolderTooDeepError(InvalidInputError):
    """The place is below too many folders, below the folder itself, or there are too many folders."""

    code = "dashboard_folder_too_deep"
    default_message = "A folder cannot lie there: four levels at most, never within itself, 500 folders in all."


class MentionUnclearError(InvalidInputError):
    """Several people who may see the dashboard have the mentioned name."""

    code = "dashboard_mention_unclear"
    default_message = "Several people have this name. Mention the person by e-mail address."


class PersonNeededError(InvalidInputError):
    """Favourites and visits belong to persons; the caller is none."""

    code = "dashboard_person_needed"
    default_message = "Favourites belong to a person. Use a person's sign-in or key."


class CommentNotYoursError(PermissionDeniedError):
    """Only its author may change a comment; its author or the dashboard's owner may delete it."""

    code = "dashboard_comment_not_yours"
    default_message = "Only the author may change a comment; the owner of the dashboard may delete it, too."


class CodeChangedError(ConflictError):
    """A dashboard was changed since it was exported or last applied from code."""

    code = "dashboard_code_changed"
    default_message = "Somebody changed a dashboard since it was exported. Export again and merge, or force it."


class CodeInvalidError(InvalidInputError):
    """A document does not fit; ``fields`` says which and why."""

    code = "dashboard_code_invalid"
    default_message = "A document does not fit what is here. Each named place says what to change. Nothing was written."
