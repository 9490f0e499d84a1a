import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('membership', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='draft', serialize=False, to='chat.membership')),
                ('text', models.TextField()),
                ('reply_to', models.BigIntegerField(blank=True, null=True)),
                ('seq', models.BigIntegerField()),
            ],
        ),
        migrations.RenameField(model_name='room', old_name='pair_key', new_name='people_key'),
        migrations.AddField(
            model_name='membership',
            name='favourite',
            field=models.BooleanField(default=False, verbose_name='favourite'),
        ),
        migrations.AddField(
            model_name='membership',
            name='folder',
            field=models.CharField(blank=True, max_length=40, verbose_name='folder'),
        ),
        migrations.AddField(
            model_name='membership',
            name='left_reason',
            field=models.CharField(blank=True, choices=[('left', 'Left'), ('removed', 'Removed'), ('banned', 'Banned')], max_length=8, verbose_name='reason'),
        ),
        migrations.AddField(
            model_name='membership',
            name='muted_until',
            field=models.DateTimeField(blank=True, null=True, verbose_name='muted until'),
        ),
        migrations.AddField(
            model_name='membership',
            name='notify',
            field=models.CharField(choices=[('all', 'All messages'), ('mentions', 'Mentions only'), ('none', 'Nothing')], default='all', max_length=8, verbose_name='notifications'),
        ),
        migrations.AddField(
            model_name='membership',
            name='place',
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name='membership',
            name='rewinds',
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name='membership',
            name='sent_seq',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='message',
            name='mentioned',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='room',
            name='announcement',
            field=models.BooleanField(default=False, verbose_name='announcements only'),
        ),
        migrations.AddField(
            model_name='room',
            name='description',
            field=models.TextField(blank=True, max_length=2000, verbose_name='description'),
        ),
        migrations.AddField(
            model_name='room',
            name='mention_room',
            field=models.CharField(choices=[('auto', 'Everybody in small rooms, otherwise those who lead it'), ('members', 'Everybody'), ('leaders', 'Those who lead the room')], default='auto', max_length=8, verbose_name='who may mention everybody'),
        ),
        migrations.AlterField(
            model_name='room',
            name='people_key',
            field=models.CharField(editable=False, max_length=200, null=True, unique=True),
        ),
        migrations.AlterField(
            model_name='room',
            name='kind',
            field=models.CharField(choices=[('public', 'Public'), ('private', 'Private'), ('direct', 'Direct message'), ('group', 'Group conversation')], max_length=8, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='RoomLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hash', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expires')),
                ('uses', models.IntegerField(default=0, verbose_name='uses')),
                ('uses_left', models.IntegerField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('room', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='chat.room')),
            ],
            options={
                'verbose_name': 'room link',
                'verbose_name_plural': 'room links',
            },
        ),
        migrations.CreateModel(
            name='Ban',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(blank=True, max_length=250, verbose_name='reason')),
                ('until', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lifted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('room', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='bans', to='chat.room')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bans', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'ban',
                'verbose_name_plural': 'bans',
                'constraints': [models.UniqueConstraint(condition=models.Q(('lifted_at__isnull', True)), fields=('room', 'user'), name='ban_one_standing')],
            },
        ),
        migrations.CreateModel(
            name='Mention',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('person', 'Person'), ('here', 'Here'), ('room', 'Room')], max_length=8)),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mentions', to='chat.message')),
                ('room', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.room')),
                ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mentions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['room', 'user', 'seq'], name='mention_room_user_seq'), models.Index(fields=['user', 'message'], name='mention_user_message')],
            },
        ),
    ]
