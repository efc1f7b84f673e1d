"""The citizen's messages, the official's bell, wishes about channels, and the operator's list of failures."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from hexi.blocks.notices import operations, queries
from hexi.blocks.notices.channels import channels
from hexi.blocks.notices.contacts import contact_of, recipient_of
from hexi.blocks.notices.models import Delivery, Notice
from hexi.ui.paging import capped_count, page_of
from hexi.ui.tables import Action, Column, Empty
from hexi.ui.pages import ListPage
